import { expect } from "vitest";
import { makeCheckpoint } from "../support/checkpoint.ts";
import { containerOf, type LiveContainer } from "../support/containers.ts";
import type { Curfew } from "../support/curfew.ts";
import { expectMergedOnce } from "../support/merged-once.ts";
import { leadsGroup } from "../support/processes.ts";
import { type LiveTown, sh, townWithRig } from "../support/town.ts";
import type { Turnpike } from "../support/turnpike.ts";

/** A town in the middle of something, at a moment that lasts until {@link goOn}. */
export interface Scene {
  readonly town: LiveTown;
  readonly container: LiveContainer;
  /** The one process whose death hits this moment hardest. */
  readonly victim: number;
  goOn(): void;
  /** Waits until all is done, and expects it done once. */
  finish(): Promise<void>;
}

/** How to get into a scene; what it needs ends with the stack. */
type Stage = (curfew: Curfew, turnpike: Turnpike, stack: DisposableStack) => Promise<Scene>;

const only = <T>(things: readonly T[]): T => {
  expect(things).toHaveLength(1);
  return things[0] as T;
};

/** A polecat is in its shell block. */
const work: Stage = async (curfew, _turnpike, stack) => {
  const { repository, town } = await townWithRig(curfew, "Work", stack);
  const checkpoint = stack.use(makeCheckpoint());
  const bead = await town.sling("hello", "Work on it", `${checkpoint.script}\necho done > work.txt`);
  await checkpoint.reached();
  const container = containerOf(curfew, town.id);
  return {
    town,
    container,
    victim: only(container.agents("polecat")).pid,
    goOn: () => checkpoint.open(),
    finish: async () => expectMergedOnce(repository, [await town.closed(bead)]),
  };
};

/** The refinery has made a merge and is in its gate. */
const merge: Stage = async (curfew, _turnpike, stack) => {
  const checkpoint = stack.use(makeCheckpoint());
  const { repository, town } = await townWithRig(curfew, "Merge", stack, [checkpoint.script]);
  const bead = await town.sling("hello", "Merge it", "echo done > merge.txt");
  await checkpoint.reached();
  const container = containerOf(curfew, town.id);
  const gate = only(
    container.processes().filter((one) => one.command.includes(checkpoint.script) && leadsGroup(one)),
  );
  return {
    town,
    container,
    victim: gate.pid,
    goOn: () => checkpoint.open(),
    finish: async () => expectMergedOnce(repository, [await town.closed(bead)]),
  };
};

/** The mayor has slung a bead and doesn't know it yet; a second message waits behind its turn. */
const turn: Stage = async (curfew, turnpike, stack) => {
  const { repository, town } = await townWithRig(curfew, "Turn", stack);
  turnpike.hold("Sling it once");
  const messages = [
    await town.say(`/sling Sling it once\n${sh("echo done > turn.txt")}`),
    await town.say("/rigs"),
  ];
  await turnpike.reached();
  const container = containerOf(curfew, town.id);
  return {
    town,
    container,
    victim: only(container.agents("mayor")).pid,
    goOn: () => turnpike.open(),
    finish: async () => {
      for (const id of messages) await town.message(id, "done");
      const { beads } = await town.room.until("the bead is closed", ({ beads }) =>
        beads.every(({ status }) => status === "closed"),
      );
      expectMergedOnce(repository, [only(beads)]);
      const entries = town.mayor.state?.entries ?? [];
      expect(entries.flatMap((entry) => (entry.kind === "user" ? [entry.message] : []))).toEqual(messages);
      const said = entries.flatMap((entry) => (entry.kind === "text" ? [entry.text] : []));
      const activity = town.room.state?.activity ?? [];
      // M4: a turn that was lost after it had spoken says it once more when it is taken up again.
      const isAgain = activity.some(({ text }) => text.startsWith("A turn of mayor was cut off"));
      expect(isAgain ? said.filter((text, n) => text !== said[n - 1]) : said).toEqual([
        "Slung **b1** to `hello`: Sling it once",
        expect.stringMatching(/^- \*\*hello\*\*/),
      ]);
    },
  };
};

export const STAGES = { work, merge, turn } as const;
