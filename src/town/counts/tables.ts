import type { Storage } from "../../storage/migrations.ts";

/** Counts once what is kept from then on. A town that is only being founded has no record yet. */
export const keepCounts = ({ sql, kv }: Storage): void => {
  const town = kv.get<object>("town");
  if (town === undefined) return;
  const beads = { open: 0, in_progress: 0, in_review: 0, closed: 0, failed: 0, cancelled: 0 };
  const agents = { idle: 0, working: 0, waiting: 0, failed: 0, ended: 0 };
  for (const [counts, statement] of [
    [beads, "SELECT status, COUNT(*) AS n FROM beads GROUP BY status"],
    [agents, "SELECT status, COUNT(*) AS n FROM agents WHERE founded = 1 GROUP BY status"],
  ] as const)
    for (const { status, n } of sql.all<{ status: string; n: number }>(statement))
      Object.assign(counts, { [status]: n });
  const [needing] = sql.all<{ n: number }>(
    `SELECT COUNT(*) AS n FROM beads
     WHERE status = 'failed' OR (held = 1 AND status NOT IN ('closed', 'cancelled'))`,
  );
  kv.put("town", { ...town, counts: { beads, needsYou: needing?.n ?? 0, agents } });
};
