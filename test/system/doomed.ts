import { existsSync } from "node:fs";
import { expect } from "vitest";
import type { UserFrame } from "../../src/protocol/browser/user-frame.ts";
import type { Receipt } from "../../src/protocol/receipt.ts";
import type { Verified } from "../../src/verify.ts";
import { makeCheckpoint } from "../support/checkpoint.ts";
import { containerOf, type LiveContainer } from "../support/containers.ts";
import type { Curfew } from "../support/curfew.ts";
import { runningWith } from "../support/processes.ts";
import { makeRepository } from "../support/repository.ts";
import { foundTown, type LiveTown } from "../support/town.ts";
import { type Watch, watch } from "../support/watch.ts";

/** A town in the middle of its work, whose end is near. */
export interface Doomed {
  readonly town: LiveTown;
  readonly container: LiveContainer;
  /** The names of its agents. */
  readonly agents: readonly string[];
}

const AGENTS = ["mayor", "polecat-1", "polecat-2"];

/** A town with two polecats in a shell block that does not end, a bead and messages that wait, and pages. */
export const doomedTown = async (curfew: Curfew, stack: DisposableStack): Promise<Doomed> => {
  const repository = stack.use(makeRepository());
  const town = stack.use(await foundTown(curfew, "Doomed"));
  const checkpoint = stack.use(makeCheckpoint());
  await town.addRig({ name: "hello", gitUrl: repository.path });
  await town.configure({ caps: { polecats: 2 } });
  for (const title of ["One", "Two", "Three"]) await town.sling("hello", title, checkpoint.script);
  await checkpoint.reached(2);
  await town.message(await town.say("/status"), "done");
  const container = containerOf(curfew, town.id);
  expect(container.agents("polecat")).toHaveLength(2);
  expect(existsSync(container.folder)).toBe(true);
  return { town, container, agents: AGENTS };
};

/** The owner's list of towns, by id; one that is gone leaves it. */
export const watchTowns = (curfew: Curfew): Watch<ReadonlyMap<string, string>> =>
  watch<ReadonlyMap<string, string>>({
    url: `${curfew.url}/parties/user/owner`,
    token: curfew.token,
    reduce: (state, text) => {
      const frame = JSON.parse(text) as UserFrame;
      const towns = new Map(frame.type === "snapshot" ? [] : state);
      for (const { id, state } of frame.towns) towns.set(id, state);
      for (const { id, state } of frame.towns) if (state === "gone") towns.delete(id);
      return towns;
    },
  });

/** Waits until the owner knows that the town is gone. */
export const gone = async (curfew: Curfew, { town }: Doomed): Promise<void> => {
  using towns = watchTowns(curfew);
  await towns.until(`the end of ${town.id}`, (known) => !known.has(town.id));
};

/**
 * Expects that nothing of the town is left anywhere: rooms, sockets, processes, files; and that the
 * receipt says so, looked at again.
 */
export const expectGone = async (curfew: Curfew, { town, container, agents }: Doomed): Promise<void> => {
  const { id } = town;
  const { body } = await curfew.api<Receipt & { verified: Verified }>(
    "GET",
    `/api/towns/${id}/receipt?verify=1`,
  );
  expect(body).toMatchObject({ state: "gone", agents: agents.length, verified: { ok: true } });
  expect(body.finalizers.map(({ name, state }) => [name, state])).toEqual([
    ["sockets", "done"],
    ["container", "done"],
    ["children", "done"],
    ["self", "done"],
  ]);
  for (const room of [`Town/${id}`, ...agents.map((name) => `Agent/${id}.${name}`)]) {
    const { body: probed } = await curfew.api("GET", `/api/admin/rooms/${room}`);
    expect(probed, room).toMatchObject({ vital: "dead", keys: ["vital"], tables: [], alarm: null });
  }
  expect(runningWith("CURFEW_TOWN", id)).toEqual([]);
  expect(container.processes()).toEqual([]);
  expect(existsSync(container.folder)).toBe(false);
  expect(await town.room.closedForGood).toBe(4410);
  expect(await town.mayor.closedForGood).toBe(4410);
  expect((await curfew.api("GET", `/api/towns/${id}`)).status).toBe(410);
};
