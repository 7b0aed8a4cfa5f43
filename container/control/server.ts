import { createHash, timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import * as v from "valibot";
import { CancelOrder, RunOrder } from "../../src/protocol/container/order.ts";
import { parse } from "../../src/protocol/parse.ts";
import { RunId } from "../../src/protocol/primitives.ts";
import { Refusal } from "../../src/protocol/problem.ts";
import type { Control } from "./control.ts";

/** A mayor's history may be long. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** What the Town can tell the control server to do. */
export interface ServerOptions {
  readonly control: Pick<Control, "take" | "cancel">;
  /** The container's bearer token: whoever is on this machine could reach the port. */
  readonly token: string;
  /** This life's own random id, told with every order that is taken. */
  readonly boot: string;
  readonly log: (line: string) => void;
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const respond = (c: Context, refusal: Refusal): Response =>
  c.body(JSON.stringify(refusal.problem), refusal.problem.status as 400, {
    "content-type": "application/problem+json",
  });

const body = async <const S extends v.GenericSchema>(c: Context, schema: S): Promise<v.InferOutput<S>> => {
  const text = await c.req.text();
  try {
    return parse(schema, JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Refusal("bad-request", "The body is not JSON.");
    throw error;
  }
};

/** The control server's commands. Each is answered as soon as it is taken; what comes of it is told later. */
export const createServer = ({ control, token, boot, log }: ServerOptions): Hono => {
  const expected = digest(`Bearer ${token}`);
  const app = new Hono();

  app.use(async (c, next) => {
    const given = digest(c.req.header("authorization") ?? "");
    if (!timingSafeEqual(given, expected)) throw new Refusal("who-are-you", "This is the Town's to command.");
    await next();
  });
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new Refusal("too-large", `A command has at most ${MAX_BODY_BYTES} bytes.`);
      },
    }),
  );

  app.post("/runs", async (c) => {
    const order = await body(c, RunOrder);
    switch (control.take(order)) {
      case "taken":
        return c.json({ boot }, 202);
      case "stale":
        throw new Refusal("conflict", `Fence ${order.fence} is older than one that was seen.`);
      case "stopping":
        throw new Refusal("unavailable", "The container is stopping.");
    }
  });
  app.post("/runs/:run/cancel", async (c) => {
    const runId = parse(RunId, c.req.param("run"));
    const { fence } = await body(c, CancelOrder);
    control.cancel(runId, fence);
    return c.body(null, 202);
  });
  app.notFound((c) => respond(c, new Refusal("not-found", "There is no such command.")));
  app.onError((error, c) => {
    if (error instanceof Refusal) return respond(c, error);
    log(`${c.req.method} ${c.req.path}: ${error.message}`);
    return respond(c, new Refusal("unexpected", "The command could not be taken."));
  });
  return app;
};
