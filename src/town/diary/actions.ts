import type { Activity } from "../../protocol/activity.ts";
import type { AgentName } from "../../protocol/primitives.ts";
import { plainLine } from "../../protocol/text.ts";
import type { Tx } from "../tx.ts";
import { ACTIVITY } from "./rows.ts";

/** The most lines that are kept. */
const ACTIVITY_KEPT = 1000;

/** Writes a line into the diary; whatever a program or a service has said in it is made plain. */
export const note = (
  tx: Tx,
  kind: Activity["kind"],
  text: string,
  about: {
    readonly rig?: string | null;
    readonly bead?: number | null;
    readonly agent?: AgentName | null;
  } = {},
): void => {
  const { rig = null, bead = null, agent = null } = about;
  tx.add(ACTIVITY, { at: tx.now, kind, text: plainLine(text), rig, bead, agent });
  tx.sql.run(
    `DELETE FROM activity WHERE seq <= (SELECT seq FROM activity ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
    ACTIVITY_KEPT,
  );
};
