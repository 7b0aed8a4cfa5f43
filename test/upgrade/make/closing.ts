import { takeInventory } from "../inventory.ts";
import { makeBare } from "./repositories.ts";
import type { Scene } from "./scene.ts";
import { type Answer, found } from "./town.ts";

/** Two towns in the middle of their end, and one that stays. The engine is out of reach, then all is killed. */
export const closing: Scene = async ({ repositories, start, aimAtAll }) => {
  const site = makeBare(repositories, "site.git");
  const curfew = await start();
  const staying = await found(curfew, "Staying");
  await staying.addRig("site", site);
  const [failing, begun] = [await found(curfew, "Failing to end"), await found(curfew, "Beginning to end")];
  for (const town of [failing, begun]) {
    await town.addRig("site", site);
    await town.ask("/help");
    const bead = await town.sling("site", `A word of ${town.id}`, `echo word > ${town.id}.txt`);
    await town.bead(bead, "closed", ({ status }) => status === "closed");
    await town.sling("site", "Work on", "sleep 600");
    await town.inBlock("polecat-2");
  }
  const inventory = await takeInventory(curfew);

  // The script holds the engine.
  process.kill(curfew.script.pid ?? 0, "SIGSTOP");
  void failing.call("DELETE", "").catch(() => {});
  await failing.until("an attempt that failed", "/receipt", ({ finalizers = [] }: Answer) =>
    finalizers.some(({ name, attempts }: Answer) => name === "container" && attempts > 0),
  );
  void begun.call("DELETE", "").catch(() => {});
  await begun.until("its end", "", ({ state }) => state === "closing");
  const ends = await takeInventory(curfew, [failing.id, begun.id]);
  await aimAtAll()();
  return {
    inventory: { ...inventory, receipts: ends.receipts },
    towns: { staying: staying.id, failing: failing.id, begun: begun.id },
  };
};
