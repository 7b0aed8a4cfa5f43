import { first } from "../../sql.ts";
import { part } from "../part.ts";

/** Whether a bead or a rig waits for a person. */
export const needsYou = part(
  `SELECT 1 FROM beads WHERE status = 'failed'
   UNION ALL SELECT 1 FROM beads WHERE status = 'in_review' AND held = 1
   UNION ALL SELECT 1 FROM rigs WHERE state = 'failed' LIMIT 1`,
  ["beads", "rigs"],
  (sql, statement) => first(sql, statement) !== null,
);
