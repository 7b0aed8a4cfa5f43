import { Refusal } from "../../protocol/problem.ts";
import type { Rig } from "../../protocol/rig.ts";
import { shownTable } from "../table.ts";
import type { Tx } from "../tx.ts";

/** A repository of the town. */
export interface RigRow {
  name: string;
  git_url: string;
  branch: string | null;
  /** 1: somebody asked for the branch; 0: it is what was the default, and follows it when it is renamed. */
  branch_asked: number;
  /** Commands, as JSON. */
  gates: string;
  /** JSON; it leaves only towards the container. */
  credential: string | null;
  state: Rig["state"];
  reason: string | null;
  head: string | null;
  attempts: number;
  /** Checks that were lost with their container, in a row. */
  losses: number;
  retry_at: number | null;
  created_at: number;
  seq: number;
}

export const RIGS = shownTable<RigRow, "attempts" | "losses" | "branch_asked">()("rigs", "name");

/** A rig that is there. @throws Refusal `not-found` */
export const requireRig = (tx: Tx, name: string): RigRow => {
  const rig = tx.get(RIGS, name);
  if (rig === null || rig.state === "removed")
    throw new Refusal("not-found", `This town has no rig "${name}".`);
  return rig;
};
