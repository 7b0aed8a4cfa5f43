import { expect } from "vitest";
import type { Inventory } from "./inventory.ts";
import type { Answer } from "./make/town.ts";

/** What goes on as soon as the next start is there, and may have changed by now. */
interface GoingOn {
  readonly beads?: readonly string[];
  readonly rigs?: readonly string[];
  readonly agents?: readonly string[];
}

type Part = readonly Answer[];

/** Counters of changes, and where a repository is, are no facts of a thing. */
const NO_FACTS: ReadonlySet<string> = new Set(["seq", "updatedAt", "since", "gitUrl"]);
/** What doesn't change, whatever goes on. */
const FIXED: ReadonlySet<string> = new Set(["id", "name", "rig", "title", "body", "role", "createdAt"]);

const pick = (thing: Answer, isMeant: (name: string) => boolean): Answer =>
  Object.fromEntries(Object.entries(thing).filter(([name]) => isMeant(name)));

/** A bead had the branch that it would be pushed to, and an agent the bead that it was last on. */
const isOfOld = (thing: Answer, name: string): boolean =>
  name === "branch" ? thing.commit === null : name === "bead" && thing.role !== undefined;

const facts = (thing: Answer, goesOn: boolean): Answer =>
  pick(thing, (name) => (goesOn ? FIXED.has(name) : !NO_FACTS.has(name) && !isOfOld(thing, name)));

const expectSame = (before: Part, now: Part, key: string, goingOn: readonly string[] = []): void => {
  const keys = (things: Part) => new Set(things.map((one) => one[key]));
  expect(keys(now)).toEqual(keys(before));
  for (const one of before)
    expect(now.find((other) => other[key] === one[key])).toMatchObject(
      facts(one, goingOn.includes(one[key])),
    );
};

/** Everything that was said or done is still there, in its place; a message may have been taken since. */
const expectTold = (before: Part, now: Part): void => {
  for (const entry of before)
    expect(now.find(({ id }) => id === entry.id)).toMatchObject(
      pick(entry, (name) => ["id", "at", "kind", "text", "message", "title", "input"].includes(name)),
    );
};

const expectAgents = (before: Part, now: Part, goingOn?: readonly string[]): void => {
  const known = (agents: Part): Answer[] => agents.map((agent) => pick(agent, (name) => name !== "entries"));
  expectSame(known(before), known(now), "name", goingOn);
  for (const { name, entries } of before)
    expectTold(entries, now.find((agent) => agent.name === name)?.entries ?? []);
};

/** Expects a town of the inventory as it was before, but for what goes on. */
export const expectTown = (before: Inventory, now: Inventory, town: string, goingOn: GoingOn = {}): void => {
  const [old, present] = [before.open[town], now.open[town]];
  const { id, name, foundedAt, settings, usage } = old.town;
  expect(present.town).toMatchObject({ id, name, foundedAt, settings, usage });
  expect(present.town.container.life).toBeGreaterThanOrEqual(old.town.container.life);
  expectSame(old.rigs, present.rigs, "name", goingOn.rigs);
  expectSame(old.beads, present.beads, "id", goingOn.beads);
  expectAgents(old.agents, present.agents, goingOn.agents);
  expect(present.activity).toMatchObject(
    expect.arrayContaining(old.activity.map((line: Answer) => expect.objectContaining(line))),
  );
};
