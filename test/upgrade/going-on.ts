import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "vitest";
import type { Curfew } from "../support/curfew.ts";
import { eventually } from "../support/eventually.ts";
import { LiveTown } from "../support/town.ts";
import { expectTown } from "./as-before.ts";
import { takeInventory } from "./inventory.ts";
import type { Answer } from "./make/town.ts";
import type { Archive, Unpacked } from "./unpack.ts";

/** Sees, on an instance that has opened an old state folder, that everything is there and goes on. */
type GoesOn = (old: Unpacked, curfew: Curfew) => Promise<void>;

const git = (...args: string[]): string => execFileSync("git", args, { encoding: "utf8" }).trim();

const fileOn = (repository: string, file: string): string => git("-C", repository, "show", `main:${file}`);

/** Ends a town and expects a receipt that stands a second look, and nothing else. */
const expectEnd = async (curfew: Curfew, town: string): Promise<Answer> => {
  const { body } = await eventually(
    `the end of ${town}`,
    () => curfew.api<Answer>("GET", `/api/towns/${town}/receipt?verify=1`),
    ({ body }) => body.state === "gone",
  );
  expect(body.verified).toMatchObject({ ok: true });
  expect((await curfew.api("GET", `/api/towns/${town}`)).status).toBe(410);
  return body;
};

const expectEndedRoom = (curfew: Curfew, room: string): Promise<Answer> =>
  eventually(
    `the end of ${room}`,
    async () => (await curfew.api<Answer>("GET", `/api/admin/rooms/${room}`)).body,
    ({ vital }) => vital === "dead",
  );

/** What was at rest is as it was, and goes on. */
const rest: GoesOn = async (old, curfew) => {
  const { town: id = "", gone = "" } = old.towns;
  const now = await takeInventory(curfew, [gone]);
  expectTown(old.inventory, now, id, { beads: ["b7"], rigs: ["slow"], agents: ["polecat-7"] });
  expect(now.receipts).toMatchObject(old.inventory.receipts);
  await expectEnd(curfew, gone);

  // What waited for its next try.
  using town = new LiveTown(curfew, id);
  await town.closed("b7");
  expect(fileOn(join(old.repositories, "site.git"), "again.txt")).toBe("again");
  await town.room.until("the check that waited", ({ rigs }) =>
    rigs.some(({ name, state }) => name === "slow" && state === "ready"),
  );
  // What waited for a person.
  const app = join(old.repositories, "app");
  git("-C", app, "checkout", "-q", "README.md");
  await town.call("POST", "/beads/b6/retry");
  await town.closed("b6");
  expect(fileOn(app, "held.txt")).toBe("held");
  await town.message(await town.say("/status"), "done");
  await town.configure({ sleepAfter: "1s" });
  await town.message(await town.say("/help"), "done");
  await town.room.until("its sleep", ({ town }) => town.container.state === "asleep" && town.wake === null);

  await town.call("DELETE", "");
  const { agents, branches } = await expectEnd(curfew, id);
  expect(agents).toBe(old.inventory.open[id].agents.length + 1);
  expect(branches).toContainEqual({ rig: "app", branch: `curfew/${id}/b6` });
};

/** What was at work loses and doubles nothing. */
const work: GoesOn = async (old, curfew) => {
  const { town: id = "" } = old.towns;
  using town = new LiveTown(curfew, id);
  for (const bead of ["b5", "b6", "b8"]) await town.closed(bead);
  expect(fileOn(join(old.repositories, "gated"), "merged.txt")).toBe("merged");
  expect(fileOn(join(old.repositories, "app"), "worked.txt")).toBe("worked");
  expect(fileOn(join(old.repositories, "app"), "waited.txt")).toBe("waited");
  for (const repository of ["gated", "app"]) {
    const merges = git("-C", join(old.repositories, repository), "log", "--merges", "--format=%H", "main");
    expect(merges.split("\n")).toHaveLength(repository === "app" ? 2 : 1);
  }
  const bead = await town.call<Answer>("GET", "/beads/b7");
  expect(bead).toMatchObject({ status: "cancelled", reason: "Cancelled by hand." });

  const mayor = old.inventory.open[id].agents.find(({ name }: Answer) => name === "mayor");
  const messages = mayor.entries.filter(({ kind }: Answer) => kind === "user");
  for (const { message } of messages) await town.message(message, "done");
  const { entries } = (await curfew.api<Answer>("GET", `/api/towns/${id}/mayor/messages`)).body;
  const said = entries
    .toSorted((a: Answer, b: Answer) => a.id - b.id)
    .filter(({ kind }: Answer) => kind === "user")
    .map(({ message }: Answer) => message);
  expect(said).toEqual(messages.map(({ message }: Answer) => message));

  for (const n of [1, 2, 3, 4]) await expectEndedRoom(curfew, `Agent/${id}.polecat-${n}`);
  const { rigs } = await town.call<Answer>("GET", "/rigs");
  expect(rigs.map(({ name }: Answer) => name).toSorted()).toEqual(["app", "gated"]);
};

/** What was ending is gone, with a receipt, and the other town lives. */
const closing: GoesOn = async (old, curfew) => {
  const { staying = "", failing = "", begun = "" } = old.towns;
  for (const id of [failing, begun]) {
    const receipt = await expectEnd(curfew, id);
    expect(receipt).toMatchObject({
      name: old.inventory.receipts[id].name,
      cause: "closed by its owner",
      agents: 3,
      branches: [{ rig: "site", branch: `curfew/${id}/b1` }],
    });
    for (const agent of ["mayor", "polecat-1", "polecat-2"])
      await expectEndedRoom(curfew, `Agent/${id}.${agent}`);
  }
  // The other's had not reached its owner when it was looked at.
  const { startedAt } = old.inventory.receipts[failing];
  expect((await expectEnd(curfew, failing)).startedAt).toBe(startedAt);
  const now = await takeInventory(curfew);
  expect(now.towns.map(({ id }) => id)).toEqual([staying]);
  expectTown(old.inventory, now, staying);
  using town = new LiveTown(curfew, staying);
  await town.closed(await town.sling("site", "Go on", "echo on > on.txt"));
  expect(fileOn(join(old.repositories, "site.git"), "on.txt")).toBe("on");
};

/** What is expected of each archive. */
export const GOING_ON: Readonly<Record<Archive, GoesOn>> = { rest, work, closing };
