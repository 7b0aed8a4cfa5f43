import type { Activity } from "../../protocol/activity.ts";
import type { Page, PageQuery } from "../../protocol/page.ts";
import { readPage } from "../../paging.ts";
import type { Sql } from "../../sql.ts";
import { beadIdOrNull } from "../ids.ts";
import type { ActivityRow } from "./rows.ts";

export const activityOf = (row: ActivityRow): Activity => ({ ...row, bead: beadIdOrNull(row.bead) });

/** The diary's lines that came after the stamp `after`. */
export const listActivity = (sql: Sql, after: number, query: PageQuery): Page<Activity> =>
  readPage<ActivityRow, Activity>(
    sql,
    {
      name: "activity",
      statement: "SELECT * FROM activity WHERE seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?",
      binds: [after],
      place: ["seq"],
      itemOf: activityOf,
    },
    query,
  );

/** Up to so many lines that came after a stamp. */
export const activitySince = (sql: Sql, seq: number, limit: number): Activity[] =>
  sql
    .all<ActivityRow>("SELECT * FROM activity WHERE seq > ? ORDER BY seq LIMIT ?", seq, limit)
    .map(activityOf);
