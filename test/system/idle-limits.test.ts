import { describe, expect, it } from "vitest";
import type { ContainerView } from "../../src/protocol/town.ts";
import { makeCheckpoint } from "../support/checkpoint.ts";
import { containerOf } from "../support/containers.ts";
import { startCurfew } from "../support/curfew.ts";
import { eventually } from "../support/eventually.ts";
import { expectMergedOnce } from "../support/merged-once.ts";
import { foundTown, type LiveTown, townWithRig } from "../support/town.ts";

/** How often the container was touched, by reason. */
const touches = ({ touches }: ContainerView): Record<string, number> =>
  Object.fromEntries(touches.map(({ reason, count }) => [reason, count]));

const asleep = async (town: LiveTown): Promise<ContainerView> => {
  const { town: seen } = await town.room.until(
    "asleep",
    ({ town }) => town.container.state === "asleep" && town.container.life > 0,
  );
  return seen.container;
};

describe.concurrent("a container that dies by itself", () => {
  it("is noticed at once, warm or at work, although nobody asks it anything", async () => {
    await using curfew = await startCurfew({ env: { CURFEW_RETRY_BASE: "100ms" } });
    using stack = new DisposableStack();
    const quiet = stack.use(await foundTown(curfew, "Quiet"));
    const { town: busy, repository } = await townWithRig(curfew, "Busy", stack);
    const checkpoint = stack.use(makeCheckpoint());
    await quiet.message(await quiet.say("/help"), "done");
    const bead = await busy.sling("hello", "Survive", `${checkpoint.script}\necho done > done.txt`);
    await checkpoint.reached();
    const warm = containerOf(curfew, quiet.id);

    for (const { pid } of [warm, containerOf(curfew, busy.id)]) process.kill(pid, "SIGKILL");

    const view = await asleep(quiet);
    expect(view).toMatchObject({ life: 1, sleepsAt: null, lastExit: { code: 137 } });
    expect(touches(view)).toEqual({ message: 1 });
    expect(quiet.room.state?.town.agents).toMatchObject({ working: 0, waiting: 0 });
    checkpoint.open();
    expectMergedOnce(repository, [await busy.closed(bead)]);
    expect(touches((await busy.call<{ container: ContainerView }>("GET", "")).container)).toEqual({
      check: 1,
      work: 2,
      merge: 1,
    });
    await eventually(
      "nothing left of it",
      () => warm.isGone(),
      (gone) => gone,
    );
  });
});

describe.concurrent("the longest life of a container", () => {
  it("ends it in the middle of work: asked to stop, it pushes what is there, and the work goes on in the next", async () => {
    await using curfew = await startCurfew({
      env: { CURFEW_LIFE_MAX: "20s", CURFEW_RETRY_BASE: "100ms", CURFEW_SLEEP_AFTER: "1h" },
    });
    using stack = new DisposableStack();
    const { town, repository } = await townWithRig(curfew, "Long", stack);
    const checkpoint = stack.use(makeCheckpoint());
    const bead = await town.sling("hello", "Half", `echo half > half.txt\n${checkpoint.script}`);
    await checkpoint.reached();

    const { activity, town: seen } = await town.room.until("the end of its first life", ({ activity }) =>
      activity.some(({ text }) => text === "The container sleeps."),
    );
    expect(activity.map(({ text }) => text)).toContain(
      "The container is stopped. It has run for as long as a container may.",
    );
    expect(seen.container.lastExit).toMatchObject({ code: 0 });
    expect(activity.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^Work in progress of b1 was saved on /),
    );
    expect(repository.git("show", `curfew/${town.id}/b1-wip:half.txt`)).toBe("half");

    checkpoint.open();
    const closed = await town.closed(bead);
    expect(repository.read("half.txt")).toBe("half");
    expectMergedOnce(repository, [closed]);
    expect(town.room.state?.town.container.life).toBeGreaterThan(1);
  });
});

describe.concurrent("the longest time of a run", () => {
  it("ends it with the reason although each of its blocks ends, and the container goes on", async () => {
    await using curfew = await startCurfew({
      // What is no endless run has its time on a busy machine, too; one try says it all.
      env: { CURFEW_RUN_MAX: "12s", CURFEW_RETRY_BASE: "1h" },
    });
    using stack = new DisposableStack();
    const { town } = await townWithRig(curfew, "Endless", stack);
    const blocks = Array.from({ length: 1000 }, () => "sleep 1.5").join("\n```\n```sh\n");
    const bead = await town.bead(
      await town.sling("hello", "Never ends", blocks),
      "ended",
      ({ attempts }) => attempts > 0,
    );
    expect(bead).toMatchObject({
      status: "open",
      attempts: 1,
      reason: "It was ended because it took longer than 12 s.",
    });
    const { container } = await town.call<{ container: ContainerView }>("GET", "");
    expect(container).toMatchObject({ state: "awake", life: 1 });
    expect(touches(container)).toEqual({ check: 1, work: 1 });
    await eventually(
      "the end of its processes",
      () => containerOf(curfew, town.id).agents("polecat"),
      (left) => left.length === 0,
    );
    expect(
      containerOf(curfew, town.id)
        .processes()
        .filter(({ command }) => command.startsWith("sleep")),
    ).toEqual([]);
  });
});
