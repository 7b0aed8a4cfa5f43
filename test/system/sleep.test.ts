import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ContainerView, Town } from "../../src/protocol/town.ts";
import { containerOf } from "../support/containers.ts";
import { type Curfew, startCurfew } from "../support/curfew.ts";
import { eventually } from "../support/eventually.ts";
import { foundTown, type LiveTown, townWithRig } from "../support/town.ts";

let curfew: Curfew;

beforeAll(async () => {
  curfew = await startCurfew({
    env: { CURFEW_LEASE: "5s", CURFEW_STOP_DEADLINE: "8s" },
  });
});

afterAll(() => curfew?.[Symbol.asyncDispose]());

const asleep = async (town: LiveTown): Promise<Town> => {
  const state = await town.room.until("asleep", ({ town }) => town.container.state === "asleep");
  return state.town;
};

/** How often the container was touched, by reason. */
const touches = ({ touches }: ContainerView): Record<string, number> =>
  Object.fromEntries(touches.map(({ reason, count }) => [reason, count]));

const expectNoAlarm = async (town: LiveTown): Promise<void> => {
  for (const room of [`Town/${town.id}`, `Agent/${town.id}.mayor`]) {
    // What is owed to the owner, the last word that it sleeps, may still be on its way.
    await eventually(
      `no alarm of ${room}`,
      async () => (await curfew.api<{ alarm: number | null }>("GET", `/api/admin/rooms/${room}`)).body.alarm,
      (alarm) => alarm === null,
    );
  }
};

describe.concurrent("a town with nothing to do", () => {
  it("sleeps although somebody looks on, and wakes for the next message", async () => {
    using town = await foundTown(curfew, "Quiet");
    await town.message(await town.say("/help"), "done");
    const container = containerOf(curfew, town.id);
    const { container: seen } = (
      await town.room.until("a deadline", ({ town }) => town.container.sleepsAt !== null)
    ).town;
    expect(seen.state).toBe("awake");

    await town.configure({ sleepAfter: "1s" });
    const { container: view } = await asleep(town);
    expect(container.isGone()).toBe(true);
    // Asked, not killed: on SIGTERM it ended by itself.
    expect(view.lastExit).toMatchObject({ code: 0 });
    expect(view).toMatchObject({ life: 1, why: "Nothing was left to do.", sleepsAt: null });
    expect(touches(view)).toEqual({ message: 1, stop: 1 });
    expect(
      (await town.room.until("no reason to wake", ({ town }) => town.wake === null)).town.agents,
    ).toEqual({
      idle: 1,
      failed: 0,
      working: 0,
      waiting: 0,
      total: 1,
    });
    await expectNoAlarm(town);

    await town.configure({ sleepAfter: "1h" });
    const entries = await town.message(await town.say("/rigs"), "done");
    expect(entries.at(-1)).toMatchObject({ kind: "text", text: expect.stringContaining("no rig yet") });
    expect(town.room.state?.town.container).toMatchObject({ state: "awake", life: 2 });
    await town.configure({ sleepAfter: "1s" });
    expect(touches((await asleep(town)).container)).toEqual({ message: 2, stop: 2 });
    expect([...town.room.closes, ...town.mayor.closes]).toEqual([]);
  });

  it("kills a container that does not stop when asked", async () => {
    using town = await foundTown(curfew, "Deaf");
    await town.message(await town.say("/help"), "done");
    const container = containerOf(curfew, town.id);
    process.kill(container.pid, "SIGSTOP");
    await town.configure({ sleepAfter: "1s" });
    const { container: view } = await asleep(town);
    expect(touches(view)).toEqual({ message: 1, stop: 1, kill: 1 });
    expect(view.lastExit).toMatchObject({ code: 137 });
    await eventually(
      "its end",
      () => container.isGone(),
      (gone) => gone,
    );
    await expectNoAlarm(town);
  });
});

describe.concurrent("a town at work", () => {
  it("stays awake for longer than its lease and its patience, without being asked whether it lives", async () => {
    using stack = new DisposableStack();
    const { town } = await townWithRig(curfew, "Busy", stack);
    const id = await town.sling("hello", "Take your time", "sleep 7; echo done > done.txt");
    await town.bead(id, "at work", ({ status }) => status === "in_progress");
    await town.configure({ sleepAfter: "1s" });
    const bead = await town.closed(id);
    expect(bead.attempts).toBe(0);
    const { container } = await town.call<Town>("GET", "");
    expect(container.life).toBe(1);
    expect(touches(container)).toEqual({ check: 1, work: 1, merge: 1 });
    expect(town.room.state?.activity.filter(({ kind }) => kind === "trouble")).toEqual([]);
  });
});
