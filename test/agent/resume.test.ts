import fc from "fast-check";
import { expect, test } from "vitest";
import { reduceAgent, type Transcript } from "../../client/state/reduce-agent.ts";
import { GAP } from "../../client/state/merge.ts";
import type { AgentFrame } from "../../src/protocol/browser/agent-frame.ts";
import type { Entry } from "../../src/protocol/entry.ts";
import { agentEvent, shown } from "./events.ts";
import { openWorld, type World } from "./world.ts";

/**
 * Invariant (M5): whatever happens in the room while a page is away, however often its connection is
 * cut and at whatever frame, once it is connected again it shows what the room has: nothing is
 * missing, nothing is there twice.
 */

type Step =
  | { readonly kind: "event"; readonly event: Parameters<World["tell"]>[0]["event"] }
  | { readonly kind: "say"; readonly id: string }
  | { readonly kind: "turn" | "cut" | "connect" | "evict" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: agentEvent.map((event) => ({ kind: "event" as const, event })) },
  { weight: 2, arbitrary: fc.nat(5).map((n) => ({ kind: "say" as const, id: `m${n}` })) },
  { weight: 3, arbitrary: fc.constantFrom("turn", "cut", "connect", "evict").map((kind) => ({ kind })) },
);

/** A page that folds what it hears while its connection stands. */
const openPage = (world: World) => {
  let state: Transcript | null = null;
  let heard: number | null = null;
  const fold = (frame: AgentFrame): void => {
    const next = reduceAgent(state, frame);
    if (next === GAP) throw new Error(`a gap at ${JSON.stringify(frame)}`);
    state = next;
  };
  const listen = (): void => {
    if (heard === null) return;
    for (const frame of world.played.frames.slice(heard)) fold(frame);
    heard = world.played.frames.length;
  };
  return {
    get entries() {
      return state?.entries ?? [];
    },
    listen,
    cut: () => {
      listen();
      heard = null;
    },
    connect: (): void => {
      heard = world.played.frames.length;
      fold(JSON.parse(world.agent.snapshot(state?.seq ?? null)) as AgentFrame);
    },
  };
};

test("M5: a page that was cut off at any frames and comes back shows exactly what the room has", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = openWorld();
      let fence = 1;
      let n = 0;
      world.begin(fence);
      world.hello();
      const page = openPage(world);
      page.connect();
      for (const step of steps) {
        switch (step.kind) {
          case "event":
            world.tell({ n: (n += 1), fence, event: step.event });
            break;
          case "say":
            world.agent.say({ id: step.id, text: `Hello from ${step.id}` });
            break;
          case "turn":
            world.end(fence);
            world.begin((fence += 1));
            break;
          case "evict":
            world.evict();
            break;
          case "cut":
            page.cut();
            break;
          case "connect":
            page.connect();
        }
        page.listen();
      }
      page.connect();
      const whole = JSON.parse(world.agent.snapshot(null)) as AgentFrame & { type: "snapshot" };
      const visible = (entries: readonly Entry[]) =>
        entries.map((entry) => ({ id: entry.id, ...shown(entry) }));
      expect(visible(page.entries)).toEqual(visible(whole.entries));
    }),
    { numRuns: 400 },
  );
});
