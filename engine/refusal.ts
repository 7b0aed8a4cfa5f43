import type { ContentfulStatusCode } from "hono/utils/http-status";

/** A call that the engine does not do, with Docker's status and a text for the caller. */
export class EngineRefusal extends Error {
  readonly status: ContentfulStatusCode;
  constructor(status: ContentfulStatusCode, message: string) {
    super(message);
    this.name = "EngineRefusal";
    this.status = status;
  }
}
