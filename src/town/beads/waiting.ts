import type { BeadStatus } from "../../protocol/bead.ts";
import { part, type Part } from "../part.ts";

/** A bead that waits for a run of some kind, and from when on. */
export interface BeadJob<Kind extends string> {
  readonly kind: Kind;
  readonly bead: number;
  readonly rig: string;
  readonly at: number;
}

/** More can't matter: so many runs are never under way at once. */
const READ = 200;

/** The beads with a status that wait for nothing but a run, oldest first: what is held, or whose rig isn't ready, is no job. */
export const beadJobs = <Kind extends string>(kind: Kind, status: BeadStatus): Part<BeadJob<Kind>[]> =>
  part(
    `SELECT b.number, b.rig, b.retry_at FROM beads b JOIN rigs r ON r.name = b.rig
     WHERE b.status = '${status}' AND b.held = 0 AND r.state = 'ready' ORDER BY b.number LIMIT ${READ}`,
    ["beads", "rigs"],
    (sql, statement) =>
      sql
        .all<{ number: number; rig: string; retry_at: number | null }>(statement)
        .map(({ number, rig, retry_at }) => ({ kind, bead: number, rig, at: retry_at ?? 0 })),
  );
