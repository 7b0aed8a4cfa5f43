import { setTimeout as delay } from "node:timers/promises";
import { isFinalClose } from "../../src/protocol/close-codes.ts";
import { PATIENCE_MS } from "./patience.ts";

const AGAIN_MS = 50;

/** A room as a page sees it: what its frames add up to, and a way to wait for what one hopes to see. */
export interface Watch<State> extends Disposable {
  /** `null` before the first frame. */
  readonly state: State | null;
  /** Every close of the socket, the last one included. */
  readonly closes: readonly number[];
  /**
   * Resolves with the state as soon as a frame makes it what is wanted.
   *
   * @param what what is waited for, for the error
   * @throws Error with the last state, when it doesn't come or the room is closed for good
   */
  until(what: string, isWanted: (state: State) => boolean): Promise<State>;
  /** Resolves with the code when the room is closed for good. */
  readonly closedForGood: Promise<number>;
}

interface Options<State> {
  readonly url: string;
  readonly token: string;
  /** One frame's text onto what was known; `null` is what is known of a room before its snapshot. */
  readonly reduce: (state: State | null, frame: string) => State;
}

/**
 * Watches a room over its socket. When the connection breaks, as it does when workerd is killed, it
 * connects again and begins with a new snapshot.
 */
export const watch = <State>({ url, token, reduce }: Options<State>): Watch<State> => {
  let state: State | null = null;
  let socket: WebSocket | null = null;
  let isOver = false;
  const closes: number[] = [];
  const listeners = new Set<() => void>();
  const closedForGood = Promise.withResolvers<number>();
  const notify = (): void => listeners.forEach((listener) => listener());

  const connect = (): void => {
    if (isOver) return;
    let isFirst = true;
    socket = new WebSocket(url.replace(/^http/, "ws"), {
      headers: { authorization: `Bearer ${token}` },
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") return;
      state = reduce(isFirst ? null : state, data);
      isFirst = false;
      notify();
    });
    socket.addEventListener("close", ({ code }) => {
      closes.push(code);
      if (isFinalClose(code)) {
        isOver = true;
        closedForGood.resolve(code);
        notify();
      } else {
        void delay(AGAIN_MS, undefined, { ref: false }).then(connect);
      }
    });
  };
  connect();

  return {
    get state() {
      return state;
    },
    closes,
    closedForGood: closedForGood.promise,
    until: (what, isWanted) =>
      new Promise((resolve, reject) => {
        const end = (finish: () => void): void => {
          listeners.delete(look);
          clearTimeout(patience);
          finish();
        };
        const fail = (why: string): void =>
          end(() => reject(new Error(`Not seen: ${what} (${why}). Last: ${JSON.stringify(state, null, 1)}`)));
        const look = (): void => {
          if (state !== null && isWanted(state)) {
            const seen = state;
            end(() => resolve(seen));
          } else if (isOver) fail(`the room was closed with ${closes.at(-1)}`);
        };
        const patience = setTimeout(() => fail("in time"), PATIENCE_MS);
        listeners.add(look);
        look();
      }),
    [Symbol.dispose]: () => {
      isOver = true;
      socket?.close();
    },
  };
};
