import type { Activity } from "../../protocol/activity.ts";
import type { Sql } from "../../sql.ts";
import { beadIdOrNull } from "../ids.ts";
import { ACTIVITY_KEPT } from "./actions.ts";
import type { ActivityRow } from "./rows.ts";

/** Lines that a first snapshot holds. */
const ACTIVITY_SHOWN = 200;

export const activityOf = (row: ActivityRow): Activity => ({ ...row, bead: beadIdOrNull(row.bead) });

/** The diary's last lines, oldest first; with `after`, all that came since and are kept. */
export const listActivity = (sql: Sql, after: number): Activity[] =>
  sql
    .all<ActivityRow>(
      "SELECT * FROM activity WHERE seq > ? ORDER BY seq DESC LIMIT ?",
      after,
      after > 0 ? ACTIVITY_KEPT : ACTIVITY_SHOWN,
    )
    .toReversed()
    .map(activityOf);
