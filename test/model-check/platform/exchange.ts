import type { Scheduler, Sender } from "../scheduler.ts";
import type { Caller } from "./caller.ts";

/** A request that can get lost or be late, and so can its answer. */
export interface Request {
  readonly from: Caller;
  readonly label: string;
  /** Whether the other side takes anything now. */
  open(): boolean;
  /** The other side's work; it answers once. */
  arrive(answer: Answer): void;
}

/** `sender`: whose writes must be durable before the answer is heard; if they are lost, so is it. */
export type Answer = (result: Result, sender?: Sender) => void;

export type Result =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: Error };

export const failed = (message: string): Result => ({ ok: false, error: new Error(message) });

/**
 * Sends a request and waits for its answer: two points of the schedule, and at each of them somebody
 * may be lost. An instance that is lost before its last writes were durable has sent nothing.
 */
export const exchange = (scheduler: Scheduler, request: Request): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const { from, label } = request;
    const version = from.storage?.version ?? 0;
    const answer: Answer = (result, sender) => {
      if (!from.isAlive) return;
      scheduler.add({
        ...(sender === undefined ? {} : { sender, unsent: () => answer(LOST) }),
        label: result.ok ? `answer to ${label}` : `error to ${label}: ${result.error.message}`,
        open: () => !from.isAlive || !from.isGated(),
        run: () => {
          sender?.caller.storage?.flush(sender.version);
          if (!from.isAlive) return;
          scheduler.current = from;
          if (result.ok) resolve(result.value);
          else reject(result.error);
        },
        lose: result.ok ? () => answer(LOST) : null,
      });
    };
    scheduler.add({
      label,
      sender: { caller: from, version },
      open: () => request.open(),
      run: () => {
        from.storage?.flush(version);
        request.arrive(answer);
      },
      lose: () => answer(LOST),
    });
  });

const LOST = failed("the connection was lost");
