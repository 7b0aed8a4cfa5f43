import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOutbox, type Outbox } from "../../client/state/outbox.ts";
import type { Entry } from "../../src/protocol/entry.ts";
import type { NewMessage } from "../../src/protocol/message.ts";
import { Refusal } from "../../src/protocol/problem.ts";

type Fate = "taken" | "lost answer" | "unreachable" | "refused";

/** The mayor's inbox: stores a message once by its id, and answers as fate has it. */
const inbox = (fates: Fate[]) => {
  const stored: NewMessage[] = [];
  const post = async (message: NewMessage) => {
    const fate = fates.shift() ?? "taken";
    if (fate === "refused") throw new Refusal("bad-request", "too odd");
    if (fate !== "unreachable" && !stored.some(({ id }) => id === message.id)) stored.push(message);
    if (fate !== "taken") throw new Refusal("unavailable", "no answer");
  };
  return { stored, post };
};

const outbox = (fates: Fate[], wait: () => Promise<void> = async () => {}) => {
  let ids = 0;
  const { stored, post } = inbox(fates);
  return { stored, box: createOutbox({ post, wait, newId: () => `m${++ids}` }) };
};

const entry = (message: string): Entry => ({
  id: 0,
  seq: 1,
  at: 0,
  run: null,
  kind: "user",
  message,
  text: "",
  state: "queued",
});

/** Resolves when every message of the box has left it or stays for good. */
const settled = (box: Outbox) =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (box.store.getState().every(({ state }) => state === "sent" || state === "refused")) resolve();
    };
    box.store.subscribe(look);
    look();
  });

describe("the outbox", () => {
  // Answers get lost, the server is away for a while: every message must be stored once, in the order
  // they were written.
  it("brings every message to the inbox once and in order, whatever happens to the answers", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.constantFrom<Fate>("taken", "lost answer", "unreachable"), { maxLength: 20 }),
        async (texts, fates) => {
          const { stored, box } = outbox([...fates]);
          for (const text of texts) box.send(text);
          await settled(box);
          expect(stored.map(({ text }) => text)).toEqual(texts);
        },
      ),
    );
  });

  it("shows a message until the transcript has it", async () => {
    const { box } = outbox([]);
    box.send("hello");
    await settled(box);
    expect(box.store.getState()).toMatchObject([{ id: "m1", text: "hello", state: "sent" }]);
    box.arrived([entry("another")]);
    expect(box.store.getState()).toHaveLength(1);
    box.arrived([entry("m1")]);
    expect(box.store.getState()).toEqual([]);
  });

  it("says why a message waits, and tries at once when told to hurry", async () => {
    const { box, stored } = outbox(["unreachable"], () => new Promise(() => {}));
    const waiting = new Promise<void>((resolve) =>
      box.store.subscribe(([first]) => {
        if (first?.state === "waiting") resolve();
      }),
    );
    box.send("hello");
    await waiting;
    expect(box.store.getState()).toMatchObject([{ state: "waiting", reason: "no answer" }]);
    box.hurry();
    await settled(box);
    expect(stored).toHaveLength(1);
  });

  it("keeps a refused message with the reason, goes on to the next, and lets the person discard it", async () => {
    const { box, stored } = outbox(["refused"]);
    box.send("odd");
    box.send("fine");
    await settled(box);
    expect(box.store.getState()).toMatchObject([{ state: "refused", reason: "too odd" }, { state: "sent" }]);
    expect(stored.map(({ text }) => text)).toEqual(["fine"]);
    box.discard("m1");
    expect(box.store.getState()).toHaveLength(1);
  });
});
