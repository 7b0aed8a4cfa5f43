import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { containerProcesses } from "../support/containers.ts";
import { Curfew } from "../support/curfew.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { startTurnpike, type Turnpike } from "../support/turnpike.ts";
import { watchAgent } from "../support/watch-rooms.ts";
import { type Scene, STAGES } from "./scenes.ts";

let curfew: Curfew;
let turnpike: Turnpike;

beforeAll(async () => {
  const port = await freePort();
  turnpike = await startTurnpike(port);
  curfew = new Curfew(port, {
    env: {
      CURFEW_URL: turnpike.url,
      CURFEW_LEASE: "3s",
      CURFEW_GRACE: "2s",
      CURFEW_RETRY_BASE: "100ms",
    },
  });
  await curfew.start();
});

afterAll(async () => {
  await curfew?.[Symbol.asyncDispose]();
  await turnpike?.[Symbol.asyncDispose]();
});

/** What can be killed, and how each town then says what happened to it; `null`: nothing had to happen. */
const KILLS = {
  "the process at work": {
    kill: async (scenes: readonly Scene[]) => scenes.forEach(({ victim }) => process.kill(victim, "SIGKILL")),
    said: /killed by SIGKILL|was ended by a signal/,
  },
  "the container's process group": {
    kill: async (scenes: readonly Scene[]) =>
      scenes.forEach(({ container }) => process.kill(-container.pid, "SIGKILL")),
    said: /The container ended|connection was lost/,
  },
  workerd: {
    kill: async () => {
      const from = curfew.printed.length;
      for (const pid of curfew.workerdPids()) process.kill(pid, "SIGKILL");
      await curfew.says("The Worker is back.", from);
    },
    said: null,
  },
  "the script with its engine": {
    kill: async () => {
      await curfew.kill("SIGKILL");
      await eventually(
        "the end of all",
        () => [...curfew.serving(), ...containerProcesses(curfew)],
        (left) => left.length === 0,
      );
      await curfew.start();
    },
    said: /The container ended|was not heard of any more/,
  },
} as const;

/** Nothing in a transcript goes on for ever. */
const expectSettled = async (scene: Scene, agent: string): Promise<void> => {
  using room = watchAgent(curfew, scene.town.id, agent);
  await room.until(`everything of ${agent} is settled`, ({ entries }) =>
    entries.every(
      (entry) => entry.kind !== "tool" || entry.status === "completed" || entry.status === "failed",
    ),
  );
};

describe("kill -9", () => {
  it.each(Object.keys(KILLS) as (keyof typeof KILLS)[])(
    "of %s, in the middle of a polecat's work, of a merge, and of the mayor's turn, loses and doubles nothing",
    async (what) => {
      const { kill, said } = KILLS[what];
      using stack = new DisposableStack();
      const enter = (stage: keyof typeof STAGES) => STAGES[stage](curfew, turnpike, stack);
      const scenes = await Promise.all([enter("work"), enter("merge"), enter("turn")]);

      await kill(scenes);
      for (const scene of scenes) scene.goOn();

      for (const scene of scenes) {
        await scene.finish();
        const { activity } = scene.town.room.state ?? { activity: [] };
        const trouble = activity.filter(({ kind }) => kind === "trouble").map(({ text }) => text);
        if (said) expect(trouble).toContainEqual(expect.stringMatching(said));
        await expectSettled(scene, "mayor");
        await expectSettled(scene, "polecat-1");
      }
    },
  );

  it("has left nothing that outlives a stop", async () => {
    expect(containerProcesses(curfew)).not.toEqual([]);
    expect(await curfew.stop()).toBe(0);
    expect(containerProcesses(curfew)).toEqual([]);
    expect(curfew.serving()).toEqual([]);
  });
});
