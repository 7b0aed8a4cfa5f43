import { once } from "node:events";
import { watch } from "node:fs";
import { join } from "node:path";
import { takeInventory } from "../inventory.ts";
import { commit, makeBare, makeWorkingCopy } from "./repositories.ts";
import type { Scene } from "./scene.ts";
import { type Answer, found } from "./town.ts";

/** Polecats on the rig that is removed in the last moment; their rooms are ended one after the other. */
const LEAVING = 4;

/** Runs on until the repository has a file of this name, which it gets after the kill. */
const UNTIL_OPEN = "while [ ! -e open ]; do sleep 0.1; done";

/** A town in the middle of everything: `kill -9` of all at once. */
export const work: Scene = async ({ repositories, start, aimAtAll }) => {
  const app = makeWorkingCopy(repositories, "app");
  const gated = makeWorkingCopy(repositories, "gated");
  const leaving = makeBare(repositories, "leaving.git");

  const curfew = await start({ CURFEW_RETRY_BASE: "1h" });
  const town = await found(curfew, "Busy");
  await town.addRig("app", app, ["true"]);
  await town.addRig("gated", gated, [UNTIL_OPEN]);
  await town.addRig("leaving", leaving);
  await town.ask("/help");
  // Agents that end without a word: each bead has its polecat, and waits for its next try.
  await town.call("PATCH", "", { runtime: ["true"], caps: { polecats: LEAVING } });
  for (let n = 1; n <= LEAVING; n += 1) {
    const bead = await town.sling("leaving", `Leave ${n}`, "true");
    await town.bead(bead, "waiting", ({ status, attempts }) => status === "open" && attempts === 1);
  }
  await town.call("PATCH", "", { runtime: "script", caps: { polecats: 2 } });

  const merging = await town.sling("gated", "Be merged", "echo merged > merged.txt");
  await town.until("its merge", `/beads/${merging}/runs`, ({ runs }) =>
    runs.some(({ kind, startedAt }: Answer) => kind === "merge" && startedAt !== null),
  );
  await town.sling("app", "Work on it", `${UNTIL_OPEN}\necho worked > worked.txt`);
  await town.inBlock(`polecat-${LEAVING + 2}`);
  const cancelled = await town.sling("app", "Be called off", "sleep 600");
  await town.inBlock(`polecat-${LEAVING + 3}`);
  await town.sling("app", "Wait for a polecat", "echo waited > waited.txt");

  // From here on the container hears nothing: what is said to it is under way or owed.
  const [server] = town.processes();
  if (server === undefined) throw new Error("there is no container");
  process.kill(server.pid, "SIGSTOP");
  await town.call("POST", `/beads/${cancelled}/cancel`);
  await town.say("/status");
  await town.say("/beads");
  const inventory = await takeInventory(curfew);
  // The rooms of its polecats end one by one, within milliseconds: as soon as one writes, all is killed.
  const rooms = watch(join(curfew.state, "worker", "v3", "do", "curfew-Agent"));
  const strike = aimAtAll();
  void town.call("DELETE", "/rigs/leaving").catch(() => {});
  await once(rooms, "change");
  await strike();
  rooms.close();
  for (const repository of [app, gated]) commit(repository, "open", "\n");
  return { inventory, towns: { town: town.id } };
};
