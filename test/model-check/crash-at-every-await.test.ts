import { describe, expect, test } from "vitest";
import type { Receipt } from "../../src/protocol/receipt.ts";
import type { Host } from "./platform/host.ts";
import { checkEnd, type Ending } from "./quiet.ts";
import { busyTown, type Setting } from "./scenes.ts";
import { end, withWorld } from "./schedule.ts";

/** After `steps` more steps the victims are lost, with what they wrote and was not durable, or without. */
interface Crash {
  readonly steps: number;
  readonly isVictim: (host: Host) => boolean;
  readonly losesWrites: boolean;
}

const isTown = ({ className }: Host): boolean => className === "Town";
const ENOUGH = 1000;

/** Ends what is to end, with these crashes. Whether all of them came before it had ended. */
const endWith = (setting: Setting, ending: Ending, crashes: readonly Crash[]): Promise<boolean> =>
  withWorld(setting, async (world, invariants) => {
    const { scheduler, platform } = world;
    await end(world, setting, ending);
    for (const { steps, isVictim, losesWrites } of crashes) {
      for (let left = steps; left > 0; left -= 1)
        if (!(await scheduler.step(scheduler.now + 120_000))) return false;
      await scheduler.act("* a crash", () => {
        for (const host of platform.hosts.values())
          if (isVictim(host)) host.crash(losesWrites ? Infinity : 0);
      });
    }
    await checkEnd(world, invariants, setting, ending);
    if (ending === "town") {
      const row = world.towns().find(({ id }) => id === setting.town);
      expect(JSON.parse(row?.receipt ?? "null") as Receipt).toMatchObject({ state: "gone", agents: 3 });
    }
    return true;
  });

/** Crashes after 0, 1, 2 … steps, until that is after the end. Returns how many there were. */
const everywhere = async (crashAt: (steps: number) => Promise<boolean>): Promise<number> => {
  for (let steps = 0; steps < ENOUGH; steps += 1) if (!(await crashAt(steps))) return steps;
  throw new Error("it doesn't end");
};

const VICTIMS: readonly (readonly [string, (host: Host) => boolean])[] = [
  ["the owner's room", ({ className }) => className === "User"],
  ["the town", isTown],
  ["the agents", ({ className }) => className === "Agent"],
  ["the container's object", ({ className }) => className === "TownContainer"],
  ["everything", () => true],
];

/* The town has three agents and a container. */
describe.each([
  ["with what it wrote last", true],
  ["after its writes were durable", false],
])("a crash at every await in turn, %s", (_how, losesWrites) => {
  describe.each(VICTIMS)("of %s", (_who, isVictim) => {
    test.each(["town", "account"] as const)(
      "while the %s ends: it ends, and the rules hold (R9–R16)",
      async (ending) => {
        const setting = await busyTown();
        const tried = await everywhere((steps) =>
          endWith(setting, ending, [{ steps, isVictim, losesWrites }]),
        );
        expect(tried).toBeGreaterThan(40);
      },
    );
  });

  test("of the town, and one more, at any two awaits: it ends, and the receipt is there (R9–R16)", async () => {
    const setting = await busyTown();
    const crash = (steps: number): Crash => ({ steps, isVictim: isTown, losesWrites });
    let tried = 0;
    await everywhere(async (first) => {
      const more = await everywhere((second) => endWith(setting, "town", [crash(first), crash(second)]));
      tried += more;
      return more > 0;
    });
    expect(tried).toBeGreaterThan(1000);
  });
});
