import { createStore, type StoreApi } from "zustand/vanilla";
import type { Entry } from "../../src/protocol/entry.ts";
import type { NewMessage } from "../../src/protocol/message.ts";
import { type Problem, Refusal } from "../../src/protocol/problem.ts";

/** A message that the transcript doesn't show yet. */
export interface Pending extends NewMessage {
  /** `waiting`: not delivered, will be tried again · `refused`: the server will not take it. */
  readonly state: "sending" | "waiting" | "sent" | "refused";
  readonly reason: string | null;
}

/** What leaves the outbox, and by what means. */
export interface OutboxPorts {
  /** @throws Refusal */
  readonly post: (message: NewMessage) => Promise<unknown>;
  /** Resolves after so many ms. */
  readonly wait: (ms: number) => Promise<void>;
  readonly newId: () => string;
}

/** Messages on their way to the mayor: in order, each with one id for all its tries. */
export interface Outbox {
  readonly store: StoreApi<readonly Pending[]>;
  readonly send: (text: string) => void;
  /** Tries at once what waits, e.g. because the socket is back. */
  readonly hurry: () => void;
  /** Takes a refused message out. */
  readonly discard: (id: string) => void;
  /** Takes out what the transcript has. */
  readonly arrived: (entries: readonly Entry[]) => void;
}

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

const TRANSIENT: ReadonlySet<Problem["kind"]> = new Set(["unavailable", "unexpected", "upstream"]);

export const createOutbox = ({ post, wait, newId }: OutboxPorts): Outbox => {
  const store = createStore<readonly Pending[]>(() => []);
  let draining = false;
  let hurried = Promise.withResolvers<void>();

  const change = (id: string, state: Pending["state"], reason: string | null = null) =>
    store.setState(
      store
        .getState()
        .map((pending) => (pending.id === id ? { id, text: pending.text, state, reason } : pending)),
      true,
    );
  const unsent = () => store.getState().find(({ state }) => state === "sending" || state === "waiting");

  /** One at a time, so that messages arrive in the order they were written. */
  const drain = async () => {
    if (draining) return;
    draining = true;
    let delayMs = FIRST_DELAY_MS;
    for (let next = unsent(); next; next = unsent()) {
      const { id, text } = next;
      change(id, "sending");
      try {
        await post({ id, text });
        change(id, "sent");
        delayMs = FIRST_DELAY_MS;
      } catch (error) {
        if (!(error instanceof Refusal) || !TRANSIENT.has(error.problem.kind)) {
          change(id, "refused", error instanceof Error ? error.message : String(error));
          continue;
        }
        change(id, "waiting", error.message);
        hurried = Promise.withResolvers<void>();
        await Promise.race([wait(delayMs), hurried.promise]);
        delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
      }
    }
    draining = false;
  };

  return {
    store,
    send: (text) => {
      store.setState([...store.getState(), { id: newId(), text, state: "sending", reason: null }], true);
      void drain();
    },
    hurry: () => hurried.resolve(),
    discard: (id) =>
      store.setState(
        store.getState().filter((pending) => pending.id !== id),
        true,
      ),
    arrived: (entries) => {
      const pending = store.getState();
      if (pending.length === 0) return;
      const there = new Set(entries.map((entry) => (entry.kind === "user" ? entry.message : null)));
      const left = pending.filter(({ id }) => !there.has(id));
      if (left.length < pending.length) store.setState(left, true);
    },
  };
};
