import type { Activity } from "../../protocol/activity.ts";
import type { AgentName } from "../../protocol/primitives.ts";
import { shownTable } from "../table.ts";

/** A line in the town's diary. */
export interface ActivityRow {
  seq: number;
  at: number;
  kind: Activity["kind"];
  text: string;
  rig: string | null;
  bead: number | null;
  agent: AgentName | null;
}

/** Its key is the stamp itself. */
export const ACTIVITY = shownTable<ActivityRow>()("activity", "seq");
