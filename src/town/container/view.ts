import type { Town } from "../../protocol/town.ts";
import type { Sql } from "../../sql.ts";
import type { TownRecord } from "../record.ts";
import type { ContainerRecord } from "./record.ts";
import { isOutdated } from "./rules.ts";
import { listTouches } from "./touches.ts";

/** A sentence: why the container is in its state. */
const whyOf = (container: ContainerRecord, working: number): string => {
  if (container.kills > 1)
    return "It should have ended, and could not be reached or killed so far. It is tried again.";
  if (container.state !== "awake") return container.why;
  if (isOutdated(container)) return "Awake to end what it does; then one of this version takes its place.";
  if (working > 0)
    return working === 1
      ? "Awake because one agent is at work."
      : `Awake because ${working} agents are at work.`;
  return container.sleepsAt === null
    ? "Awake because a rig is being checked or a bead merged."
    : "Awake, with nothing to do.";
};

export const containerView = (
  sql: Sql,
  town: TownRecord,
  container: ContainerRecord,
  working: number,
): Town["container"] => ({
  state: container.state,
  life: container.life,
  since: container.since || town.foundedAt,
  why: whyOf(container, working),
  sleepsAt: container.sleepsAt,
  lastExit: container.lastExit,
  touches: listTouches(sql),
});
