import { expect, test } from "vitest";
import { AGENTS } from "../../src/town/agents/rows.ts";
import { BEADS, setBead } from "../../src/town/beads/rows.ts";
import { MESSAGES } from "../../src/town/messages/rows.ts";
import { RUNS } from "../../src/town/runs/rows.ts";
import { Tx } from "../../src/town/tx.ts";
import { openWorld } from "./world.ts";

/** What the compiler must refuse: a directive that finds nothing to expect is an error of its own. */
const refused: readonly ((tx: Tx) => void)[] = [
  // @ts-expect-error -- no such column
  (tx) => setBead(tx, 1, { retry_att: 1 }),
  // @ts-expect-error -- no such status
  (tx) => setBead(tx, 1, { status: "in_revue" }),
  // @ts-expect-error -- no such status of a run
  (tx) => tx.set(RUNS, 1, { state: "over" }),
  // @ts-expect-error -- a number is no text
  (tx) => tx.set(AGENTS, "mayor", { process: 7 }),
  // @ts-expect-error -- what may not be missing is missing
  (tx) => tx.add(MESSAGES, { id: "m1", agent: "mayor", entry: 1 }),
  // @ts-expect-error -- no such column in an insert either
  (tx) => tx.add(MESSAGES, { id: "m1", agent: "mayor", entry: 1, text: "", retry_att: 1 }),
  // @ts-expect-error -- the transaction stamps it
  (tx) => tx.set(BEADS, 1, { seq: 1 }),
];

test("a misspelt column, a status that doesn't exist and a missing one are errors of the compiler", () => {
  expect(refused).toHaveLength(7);
});

test("what it lets through is written, stamped, and told to pages once", () => {
  const world = openWorld();
  world.town.addRig({ name: "repo", gitUrl: "/srv/repo" });
  world.town.sling({ rig: "repo", title: "Say hello" });
  const tx = new Tx(world.storage.sql, world.ports, world.now);
  const before = tx.town.seq;
  setBead(tx, 1, { reason: "because" });
  setBead(tx, 1, { attempts: 1 });
  expect(tx.get(BEADS, 1)).toMatchObject({ reason: "because", attempts: 1, seq: before + 2 });
  expect([...tx.changes.rows]).toEqual([["beads", new Set([1])]]);
});
