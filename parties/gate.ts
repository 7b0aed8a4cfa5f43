import { problemResponse } from "../src/refusals/problem-response.ts";
import { refuseSocket } from "../src/refusals/refuse-socket.ts";
import { CloseCode } from "../src/protocol/close-codes.ts";
import { problem, type ProblemKind } from "../src/protocol/problem.ts";

/** Why a room's gate lets nobody in. `shut`: it lives, but this build can't open its storage. */
export type Closed =
  | { readonly kind: "unborn" }
  | { readonly kind: "gone" }
  | { readonly kind: "shut"; readonly why: string };

interface Refused {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly code: CloseCode;
  /** Of a socket's close: 123 bytes at most. */
  readonly reason: string;
}

const refusalOf = (gate: Closed): Refused => {
  switch (gate.kind) {
    case "unborn":
      return {
        kind: "not-found",
        detail: "This never existed.",
        code: CloseCode.notFound,
        reason: "never existed",
      };
    case "gone":
      return { kind: "gone", detail: "This is gone.", code: CloseCode.gone, reason: "gone" };
    case "shut":
      return { kind: "unavailable", detail: gate.why, code: CloseCode.tryAgain, reason: gate.why };
  }
};

/** What a request gets instead of the room; a socket is accepted and closed, so that it learns why. */
export const turnAway = (request: Request, gate: Closed): Response => {
  const { kind, detail, code, reason } = refusalOf(gate);
  return request.headers.get("upgrade")?.toLowerCase() === "websocket"
    ? refuseSocket(code, reason)
    : problemResponse(problem(kind, detail));
};

/** Closes a socket that was open before the gate was closed. */
export const turnOut = (ws: WebSocket, gate: Closed): void => {
  const { code, reason } = refusalOf(gate);
  try {
    ws.close(code, reason);
  } catch {
    // Closed already.
  }
};
