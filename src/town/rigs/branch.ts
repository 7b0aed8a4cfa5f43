import { note } from "../diary/actions.ts";
import type { Tx } from "../tx.ts";
import { RIGS } from "./rows.ts";

/**
 * Work on a rig has found that its default branch has another name now.
 *
 * @param target the branch that it is for; `undefined`: the one that the rig has
 */
export const followBranch = (tx: Tx, name: string, target: string | undefined): void => {
  if (target === undefined) return;
  const rig = tx.get(RIGS, name);
  if (rig === null || rig.state !== "ready" || rig.branch_asked !== 0) return;
  if (rig.branch === target) return;
  tx.set(RIGS, name, { branch: target });
  note(tx, "work", `The branch of rig ${name} is ${target} now: ${rig.branch} is gone.`, { rig: name });
};
