import { watch } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "vitest";
import type { Curfew } from "../support/curfew.ts";
import { eventually } from "../support/eventually.ts";
import { IS_SOAK } from "../support/soak.ts";
import { GOING_ON } from "./going-on.ts";
import { takeInventory } from "./inventory.ts";
import { openOld } from "./open-old.ts";
import { ARCHIVES, unpack } from "./unpack.ts";

/**
 * How many changes of towns' files a start lives to see: the simulator opens them, then a first entry brings the
 * room up to date, then its alarm does what is due.
 */
const LIVES = IS_SOAK ? Array.from({ length: 16 }, (_, n) => n + 1) : [1, 4, 6];

/** Resolves when so many changes were seen of files that hold a room. */
const changes = async (folder: string, count: number, signal: AbortSignal): Promise<void> => {
  let seen = 0;
  for await (const { filename } of watch(folder, { signal })) {
    if (filename?.startsWith("metadata")) continue;
    seen += 1;
    if (seen === count) return;
  }
};

/** Starts it, enters every room, and kills everything that was started in the middle of that. */
const startAndKill = async (curfew: Curfew, lives: number): Promise<void> => {
  const over = new AbortController();
  const seen = changes(join(curfew.state, "worker", "v3", "do", "curfew-Town"), lives, over.signal);
  const entered = curfew.start().then(() => takeInventory(curfew));
  // Both go on after the kill, and end as they may.
  await Promise.race([seen, entered]).finally(() => over.abort());
  await Promise.all([curfew.kill("SIGKILL"), seen.catch(() => {}), entered.catch(() => {})]);
  for (const { pid } of curfew.serving()) process.kill(pid, "SIGKILL");
  await eventually(
    "the end of the Worker",
    () => curfew.serving(),
    (left) => left.length === 0,
  );
};

describe("the first starts on a state folder of the version before migrations", () => {
  it.each(ARCHIVES)("%s: killed at any point, the next one goes on", async (name) => {
    using old = unpack(name);
    await using curfew = await openOld(old);
    for (const lives of LIVES) await startAndKill(curfew, lives);
    await curfew.start();
    await GOING_ON[name](old, curfew);
  });
});
