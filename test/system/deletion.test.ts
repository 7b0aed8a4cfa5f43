import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Swept } from "../../src/ledger/sweep.ts";
import type { Probe } from "../../src/rooms/room.ts";
import { containerProcesses } from "../support/containers.ts";
import { eventually } from "../support/eventually.ts";
import { type Doomed, doomedTown, expectGone, gone } from "./doomed.ts";
import { type Instance, startInstance } from "./instance.ts";

const RUNS = Number(process.env["CURFEW_RUNS"] ?? 3);
const SEED = process.env["CURFEW_SEED"];

/** A deletion takes about a third of a second where nothing goes wrong. */
const DELETION_MS = 400;

interface Kill {
  readonly what: "the container" | "workerd" | "the script";
  /** After the wish to delete is on its way. */
  readonly afterMs: number;
}

const kill: fc.Arbitrary<Kill> = fc.record({
  what: fc.constantFrom("the container", "workerd", "workerd", "the script"),
  afterMs: fc.nat(DELETION_MS),
});

/** One of each at most: a Worker that dies again and again is given up. */
const KILLS = { minLength: 1, maxLength: 2, selector: ({ what }: Kill) => what };

let instance: Instance;

beforeAll(async () => {
  // Every town is a suspect at once, so that a sweep has something to say of each.
  instance = await startInstance({ CURFEW_SWEEP_GRACE: "1ms" });
});

afterAll(() => instance?.[Symbol.asyncDispose]());

/** As a client that was promised nothing: again and again, until it has an answer. */
const insistOnEnd = ({ town }: Doomed): Promise<unknown> =>
  eventually(
    "an answer to the wish to delete",
    () =>
      town.call("DELETE", "").then(
        () => true,
        () => false,
      ),
    (answered) => answered,
  );

const strike = async ({ container }: Doomed, { what, afterMs }: Kill): Promise<void> => {
  await delay(afterMs);
  switch (what) {
    case "workerd":
      return instance.killWorkerd();
    case "the script":
      // What had left a container that was killed before has nobody now to end it but the next start.
      await instance.curfew.kill("SIGKILL");
      await eventually(
        "the end of the Worker",
        () => instance.curfew.serving(),
        (left) => left.length === 0,
      );
      return instance.curfew.start();
    case "the container":
      try {
        process.kill(-container.pid, "SIGKILL");
      } catch {
        // The deletion was faster.
      }
  }
};

const sweep = async (): Promise<Swept> => (await instance.curfew.api<Swept>("POST", "/api/admin/sweep")).body;

describe("a rig that is removed in the middle of its work", () => {
  it("takes its runs, their processes and its agents' rooms with it, and the town lives on", async () => {
    const { curfew } = instance;
    using stack = new DisposableStack();
    const doomed = await doomedTown(curfew, stack);
    const { town, container } = doomed;
    await town.call("DELETE", "/rigs/hello");
    await town.room.until("the end of its beads", ({ beads }) =>
      beads.every(({ status }) => status === "cancelled"),
    );
    await eventually(
      "the end of its processes",
      () => container.agents("polecat"),
      (left) => left.length === 0,
    );
    for (const name of ["polecat-1", "polecat-2"])
      await eventually(
        `the end of ${name}`,
        async () => (await curfew.api<Probe>("GET", `/api/admin/rooms/Agent/${town.id}.${name}`)).body,
        ({ vital }) => vital === "dead",
      );
    await town.message(await town.say("/status"), "done");

    await town.call("DELETE", "");
    await gone(curfew, doomed);
    await expectGone(curfew, doomed);
  });
});

describe("a town that is deleted in the middle of its work", () => {
  it("leaves only tombstones, no process and no file, and nothing to heal", async () => {
    const { curfew } = instance;
    using stack = new DisposableStack();
    const doomed = await doomedTown(curfew, stack);
    await doomed.town.call("DELETE", "");
    await gone(curfew, doomed);
    await expectGone(curfew, doomed);
    expect(containerProcesses(curfew)).toEqual([]);
    expect(await sweep()).toMatchObject({ healed: 0, errors: 0 });
  });

  it("is gone all the same, whatever is killed meanwhile and whenever", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(kill, KILLS), async (kills) => {
        const { curfew } = instance;
        using stack = new DisposableStack();
        const doomed = await doomedTown(curfew, stack);
        const wish = insistOnEnd(doomed);
        wish.catch(() => {});
        for (const kill of kills) await strike(doomed, kill);
        await wish;
        await gone(curfew, doomed);
        await expectGone(curfew, doomed);
        expect(containerProcesses(curfew)).toEqual([]);
        // The ledger may not have been told before the kill; then this tells it.
        expect(await sweep()).toMatchObject({ errors: 0 });
        expect(await sweep()).toEqual({ examined: 0, healed: 0, skipped: 0, errors: 0 });
      }),
      { numRuns: RUNS, endOnFailure: true, ...(SEED && { seed: Number(SEED) }) },
    );
  });
});
