import { Refusal } from "../protocol/problem.ts";
import { numberOf, type AgentRow, type BeadRow, type RigRow } from "./rows.ts";
import type { Tx } from "./tx.ts";

/** A rig that is there. @throws Refusal `not-found` */
export const presentRig = (tx: Tx, name: string): RigRow => {
  const rig = tx.rig(name);
  if (rig === null || rig.state === "removed")
    throw new Refusal("not-found", `This town has no rig "${name}".`);
  return rig;
};

/** @throws Refusal `not-found` */
export const presentBead = (tx: Tx, id: string): BeadRow => {
  const number = id.startsWith("b") ? numberOf(id) : Number.NaN;
  const bead = Number.isNaN(number) ? null : tx.bead(number);
  if (bead === null) throw new Refusal("not-found", `This town has no bead "${id}".`);
  return bead;
};

/** @throws Refusal `not-found` */
export const presentAgent = (tx: Tx, name: string): AgentRow => {
  const agent = tx.agent(name);
  if (agent === null) throw new Refusal("not-found", `This town has no agent "${name}".`);
  return agent;
};
