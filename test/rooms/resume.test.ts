import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GAP, type Gap } from "../../client/state/merge.ts";
import { reduceAgent } from "../../client/state/reduce-agent.ts";
import { reduceTown } from "../../client/state/reduce-town.ts";
import type { BeadSummary } from "../../src/protocol/bead.ts";
import { agentEvent, shown } from "../agent/events.ts";
import { call } from "./ask.ts";
import { dialAgent, ordered } from "./played-container.ts";
import { sling, townWithRig } from "./scenes.ts";
import { openSocket, type Socket } from "./socket.ts";
import { soon } from "./soon.ts";

/**
 * A page over a real socket: it folds the frames that it gets, and is cut off wherever it happens to be.
 * What was on its way then is lost; it comes back with `?after=<seq>`.
 */
const openPage = <State extends { readonly seq: number }, Frame>(
  path: string,
  reduce: (state: State | null, frame: Frame) => State | Gap,
) => {
  let state: State | null = null;
  let socket: Socket | null = null;
  let folded = 0;
  const fold = (frames: readonly string[]): void => {
    for (const text of frames) {
      const next = reduce(state, JSON.parse(text) as Frame);
      if (next === GAP) throw new Error(`a gap at ${text}`);
      state = next;
    }
  };
  const listen = (upTo = Number.POSITIVE_INFINITY): void => {
    const news = socket?.heard.slice(folded, folded + upTo) ?? [];
    folded += news.length;
    fold(news);
  };
  return {
    /** What it shows after all that has come so far. */
    look: (): State | null => {
      listen();
      return state;
    },
    /** Folds `frames` more of what came, and never hears the rest. */
    cut: (frames: number): void => {
      listen(frames);
      socket?.close();
      socket = null;
    },
    connect: async (): Promise<void> => {
      socket?.close();
      listen();
      socket = await openSocket(state === null ? path : `${path}?after=${state.seq}`);
      folded = 0;
    },
    [Symbol.dispose]: () => socket?.close(),
  };
};

/** Between two things that happen: nothing, or the page is cut after so many frames, or comes back. */
const interruption = fc.oneof(
  { weight: 4, arbitrary: fc.constant(null) },
  fc.record({ cut: fc.nat(3) }),
  fc.constant("connect" as const),
);

const interrupt = async (
  page: { cut(frames: number): void; connect(): Promise<void> },
  how: { cut: number } | "connect" | null,
): Promise<void> => {
  if (how === "connect") await page.connect();
  else if (how !== null) page.cut(how.cut);
};

describe("a page that comes back", () => {
  it("M5: to an agent's room shows its transcript with nothing missing and nothing twice", async () => {
    const { town } = await townWithRig();
    await sling(town);
    const turn = await ordered(town, "turn");
    const agent = await dialAgent(town, "polecat-1");
    const path = `/parties/agent/${town}.polecat-1`;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(agentEvent, interruption), { maxLength: 15 }), async (steps) => {
        using page = openPage(path, reduceAgent);
        await page.connect();
        for (const [event, how] of steps) {
          await agent.tell(turn, event);
          await interrupt(page, how);
        }
        await page.connect();
        using fresh = openPage(path, reduceAgent);
        await fresh.connect();
        await soon(() => {
          const entries = fresh.look()?.entries;
          expect(entries).toBeDefined();
          expect(page.look()?.entries.map(shown)).toEqual(entries?.map(shown));
        });
      }),
      { numRuns: 15 },
    );
  });

  it("M5: to a town shows its beads, agents and diary with nothing missing and nothing twice", async () => {
    const { town } = await townWithRig();
    const path = `/parties/town/${town}`;
    const step = fc.constantFrom("sling", "cancel", "rename");
    let beads = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, interruption), { maxLength: 8 }), async (steps) => {
        using page = openPage(path, reduceTown);
        await page.connect();
        for (const [kind, how] of steps) {
          if (kind === "sling") beads = Number((await sling(town)).id.slice(1));
          else if (kind === "rename") await call("PATCH", `/api/towns/${town}`, { name: `Elm ${beads}` });
          else if (beads > 0) await call("POST", `/api/towns/${town}/beads/b${beads}/cancel`);
          await interrupt(page, how);
        }
        await page.connect();
        await soon(async () => {
          using fresh = openPage(path, reduceTown);
          await fresh.connect();
          const seen = await soon(() => fresh.look() ?? expect.fail("no snapshot yet"));
          const { town: view, beads, agents, activity } = page.look() ?? expect.fail("no snapshot yet");
          expect(view).toEqual(seen.town);
          // A page that stays keeps what it was told; a fresh one is shown the newest. Both are as the town has it.
          expect(beads).toEqual(expect.arrayContaining([...seen.beads]));
          expect(agents).toEqual(expect.arrayContaining([...seen.agents]));
          const all = await call<{ beads: BeadSummary[] }>("GET", `/api/towns/${town}/beads?limit=200`);
          expect(all.body.beads).toEqual(expect.arrayContaining([...beads]));
          expect(activity.slice(-seen.activity.length)).toEqual(seen.activity);
        });
      }),
      { numRuns: 10 },
    );
  });
});
