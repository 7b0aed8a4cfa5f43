import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCheckpoint } from "../support/checkpoint.ts";
import { containerOf, containerProcesses } from "../support/containers.ts";
import { townWithRig } from "../support/town.ts";
import { watchAgent } from "../support/watch-rooms.ts";
import { type Instance, startInstance } from "./instance.ts";
import { type Scene, STAGES } from "./scenes.ts";

let instance: Instance;

beforeAll(async () => {
  instance = await startInstance();
});

afterAll(() => instance?.[Symbol.asyncDispose]());

interface Blow {
  strike(scenes: readonly Scene[]): Promise<void> | void;
  /** How every town says what happened to it; `null`: nothing had to happen to it. */
  readonly said: RegExp | null;
}

const LOST = /The container ended|connection was lost|was not heard of any more/;

const BLOWS: Readonly<Record<string, Blow>> = {
  "a kill -9 of the process at work": {
    strike: (scenes) => scenes.forEach(({ victim }) => process.kill(victim, "SIGKILL")),
    said: /killed by SIGKILL|was ended by a signal/,
  },
  "a kill -9 of the container": {
    strike: (scenes) => scenes.forEach(({ container }) => process.kill(-container.pid, "SIGKILL")),
    said: LOST,
  },
  "a SIGTERM from outside, as of a cloud that wants its machine": {
    strike: (scenes) => scenes.forEach(({ container }) => process.kill(container.pid, "SIGTERM")),
    said: LOST,
  },
  "a container that hangs": {
    strike: (scenes) => scenes.forEach(({ container }) => process.kill(container.pid, "SIGSTOP")),
    said: LOST,
  },
  "a kill -9 of workerd": {
    strike: () => instance.killWorkerd(),
    said: null,
  },
  "a kill -9 of the script and its engine": {
    strike: () => instance.killScript(),
    said: LOST,
  },
};

/** No step of a run that is over looks as if it went on. */
const expectSettled = async ({ town }: Scene, agent: string): Promise<void> => {
  using room = watchAgent(instance.curfew, town.id, agent);
  await room.until(`the end of every step of ${agent}`, ({ entries }) =>
    entries.every((entry) => entry.kind !== "tool" || /completed|failed/.test(entry.status)),
  );
};

describe("in the middle of a polecat's work, of a merge, and of a turn of the mayor's", () => {
  it.each(Object.entries(BLOWS))("%s loses and doubles nothing", async (_blow, { strike, said }) => {
    const { curfew, turnpike } = instance;
    using stack = new DisposableStack();
    const scenes = await Promise.all(Object.values(STAGES).map((enter) => enter(curfew, turnpike, stack)));

    await strike(scenes);
    for (const scene of scenes) scene.goOn();

    for (const scene of scenes) {
      await scene.finish();
      const trouble = scene.town.room.state?.activity.filter(({ kind }) => kind === "trouble") ?? [];
      if (said) expect(trouble.map(({ text }) => text)).toContainEqual(expect.stringMatching(said));
      await expectSettled(scene, "mayor");
      await expectSettled(scene, "polecat-1");
    }
  });

  it("W4, W12: an eviction, so often as attempts are counted, is none of a bead's, and its work is saved", async () => {
    const { curfew } = instance;
    using stack = new DisposableStack();
    const { repository, town } = await townWithRig(curfew, "Evicted", stack);
    const held = stack.use(makeCheckpoint());
    const bead = await town.sling(
      "hello",
      "Evict it",
      `echo half > work.txt\n${held.script}\necho done > work.txt`,
    );
    for (let times = 1; times <= 3; times += 1) {
      await held.reached(times);
      process.kill(containerOf(curfew, town.id).pid, "SIGTERM");
    }
    await held.reached(4);
    held.open();
    expect(await town.closed(bead)).toMatchObject({ attempts: 0 });
    expect(repository.git("branch", "--list", "*-wip")).not.toBe("");
  });

  it("has left nothing that outlives a stop", async () => {
    const { curfew } = instance;
    expect(containerProcesses(curfew)).not.toEqual([]);
    expect(await curfew.stop()).toBe(0);
    expect(containerProcesses(curfew)).toEqual([]);
    expect(curfew.serving()).toEqual([]);
  });
});
