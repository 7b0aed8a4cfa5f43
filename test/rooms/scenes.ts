import { runInDurableObject } from "cloudflare:test";
import type { Bead } from "../../src/protocol/bead.ts";
import { call, foundTown } from "./ask.ts";
import { BASE, dial, ordered, ofRun, type PlayedContainer } from "./played-container.ts";
import { room } from "./rooms.ts";
import { soon } from "./soon.ts";
import { stored } from "./stored.ts";

export const RIG = { name: "repo", gitUrl: "https://git.example/repo.git" };

/** Waits until the founded town has told everybody what it had to tell. */
export const atRest = (town: string): Promise<void> =>
  soon(async () => {
    for (const probed of [await room.town(town).probe(), await room.user("owner").probe()])
      if (probed.alarm !== null) throw new Error("something is still due");
  });

/** A town that was founded and has nothing to do. */
export const idleTown = async (): Promise<string> => {
  const town = await foundTown();
  await atRest(town);
  return town;
};

/** A town with the rig `repo`, which its container (life 1) has checked. */
export const townWithRig = async (): Promise<{ town: string; container: PlayedContainer }> => {
  const town = await foundTown();
  await call("POST", `/api/towns/${town}/rigs`, RIG);
  const check = await ordered(town, "check");
  const container = await dial(town, { runs: [ofRun(check)] });
  await container.tell({
    type: "checked",
    ...ofRun(check),
    rig: "repo",
    result: { outcome: "ready", branch: "main", head: BASE },
  });
  return { town, container };
};

/** Slings a bead to the rig `repo`. */
export const sling = async (town: string, title = "Say hello"): Promise<Bead> =>
  (await call<Bead>("POST", `/api/towns/${town}/beads`, { rig: "repo", title, body: "" })).body;

/** Waits until the town has told everybody what it owed, as after anything that it did. */
export const hasTold = (town: string): Promise<void> =>
  soon(async () => {
    if ((await stored(room.town(town))).tables["outbox"]?.length !== 0)
      throw new Error("somebody is not told yet");
  });

/** The town's instance will be killed between the wiping of its storage and its tombstone. */
export const killAfterWipe = (town: string): Promise<void> =>
  runInDurableObject(room.town(town), (_town, state) => {
    const { storage } = state;
    const deleteAll = storage.deleteAll.bind(storage);
    storage.deleteAll = async () => {
      await deleteAll();
      await storage.sync();
      state.abort("killed", { retryAlarm: false });
    };
  });
