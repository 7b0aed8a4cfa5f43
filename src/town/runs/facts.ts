import { part } from "../part.ts";
import type { RunRow } from "./rows.ts";

/** An open run as decisions see it. */
export type OpenRun = Pick<
  RunRow,
  "number" | "kind" | "state" | "agent" | "rig" | "bead" | "created_at" | "due_at"
>;

/** All open runs, oldest first. */
export const openRunFacts = part(
  `SELECT number, kind, state, agent, rig, bead, created_at, due_at FROM runs
   WHERE state <> 'ended' ORDER BY number`,
  ["runs"],
  (sql, statement) => sql.all<OpenRun>(statement),
);
