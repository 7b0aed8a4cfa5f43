import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Receipt } from "../../src/protocol/receipt.ts";
import { containerOf, containerProcesses } from "../support/containers.ts";
import { eventually } from "../support/eventually.ts";
import { expectMergedOnce } from "../support/merged-once.ts";
import { makeRepository } from "../support/repository.ts";
import { foundTown, type LiveTown, sh } from "../support/town.ts";
import type { TownState } from "../support/watch-rooms.ts";
import { type Instance, startInstance } from "../system/instance.ts";

// Work of every kind goes on at once, and something is killed whenever it likes. Whatever was
// acknowledged is then done once: each bead has one merge commit, each message one place and an answer.

const RUNS = Number(process.env["CURFEW_RUNS"] ?? 20);
const SEED = process.env["CURFEW_SEED"];

const BEADS = ["First", "Second", "Third"];
const SLUNG = "Fourth";

interface Kill {
  readonly what: "an agent" | "the container" | "workerd" | "the script";
  /** When the town's change counter has come so far: a moment of work, not of a clock. */
  readonly at: number;
}

const kill: fc.Arbitrary<Kill> = fc.record({
  what: fc.constantFrom("an agent", "the container", "workerd", "the script"),
  at: fc.integer({ min: 5, max: 130 }),
});

/** One of each at most: a Worker that dies again and again is given up, and so is a message. */
const KILLS = { minLength: 1, maxLength: 2, selector: ({ what }: Kill) => what };

let instance: Instance;

beforeAll(async () => {
  instance = await startInstance();
});

afterAll(() => instance?.[Symbol.asyncDispose]());

const isDone = ({ beads }: TownState): boolean =>
  beads.length === BEADS.length + 1 && beads.every(({ status }) => status === "closed");

/** As a client that was promised nothing: again and again, with the same key, until it has an answer. */
const insist = (what: string, call: () => Promise<unknown>): Promise<boolean> =>
  eventually(
    `an answer to ${what}`,
    () =>
      call().then(
        () => true,
        () => false,
      ),
    (answered) => answered,
  );

const strike = async (town: LiveTown, what: Kill["what"]): Promise<void> => {
  switch (what) {
    case "workerd":
      return instance.killWorkerd();
    case "the script":
      return instance.killScript();
    case "the container":
    case "an agent": {
      let victims: number[] = [];
      try {
        const container = containerOf(instance.curfew, town.id);
        const agents = [...container.agents("polecat"), ...container.agents("mayor")];
        victims = what === "an agent" ? agents.slice(0, 1).map(({ pid }) => pid) : [-container.pid];
        for (const pid of victims) process.kill(pid, "SIGKILL");
      } catch {
        // It is between two lives, or its victim has just ended by itself.
      }
    }
  }
};

const order = async (town: LiveTown): Promise<void> => {
  for (const title of BEADS) {
    const body = sh(`echo ${title} > ${title}.txt`);
    await insist(title, () => town.call("POST", "/beads", { rig: "hello", title, body, key: title }));
  }
  await insist("a message", () =>
    town.say(`/sling ${SLUNG}\n${sh(`echo ${SLUNG} > ${SLUNG}.txt`)}`, "sling"),
  );
  await insist("a message", () => town.say("/status", "status"));
};

const expectAnswered = async (town: LiveTown): Promise<void> => {
  await town.message("sling", "done");
  const entries = await town.message("status", "done");
  const messages = entries.flatMap((entry) => (entry.kind === "user" ? [entry.message] : []));
  expect(messages).toEqual(["sling", "status"]);
  const said = entries.flatMap((entry) => (entry.kind === "text" ? [entry.text] : []));
  expect(said).toContainEqual(expect.stringMatching(new RegExp(`^Slung .*${SLUNG}$`)));
  expect(said.at(-1)).toMatch(/^\*\*Town\*\*: the container is awake/);
};

const expectGone = async ({ id, curfew, room }: LiveTown): Promise<void> => {
  await curfew.api("DELETE", `/api/towns/${id}`);
  expect(await room.closedForGood).toBe(4410);
  const { body } = await eventually(
    "the receipt",
    () => curfew.api<Receipt>("GET", `/api/towns/${id}/receipt?verify=1`),
    ({ body }) => body.state === "gone",
  );
  expect(body).toMatchObject({ verified: { ok: true } });
  expect(containerProcesses(curfew)).toEqual([]);
};

describe("kills at random moments", () => {
  it("lose and double nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(kill, KILLS), async (kills) => {
        using repository = makeRepository();
        using town = await foundTown(instance.curfew, "Town");
        await town.addRig({ name: "hello", gitUrl: repository.path, gates: ["true"] });

        const ordered = order(town);
        for (const { what, at } of kills) {
          await town.room.until(`change ${at}`, (state) => state.town.seq >= at || isDone(state));
          await strike(town, what);
        }
        await ordered;

        const { beads } = await town.room.until("everything is done", isDone);
        expectMergedOnce(repository, beads);
        expect(beads.map(({ title }) => title).toSorted()).toEqual([...BEADS, SLUNG].toSorted());
        await expectAnswered(town);
        await expectGone(town);
      }),
      { numRuns: RUNS, endOnFailure: true, ...(SEED && { seed: Number(SEED) }) },
    );
  });
});
