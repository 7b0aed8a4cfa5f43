import { GateResult, type GateSummary } from "../../protocol/bead.ts";
import type { Page, PageQuery } from "../../protocol/page.ts";
import { parse } from "../../protocol/parse.ts";
import { readPage } from "../../paging.ts";
import { first, type Sql } from "../../sql.ts";
import { runId } from "../ids.ts";
import type { GateRow } from "./rows.ts";

type ListedGateRow = Omit<GateRow, "bead">;

const summaryOf = ({ run, n, result }: ListedGateRow): GateSummary => {
  const { command, exitCode, durationMs } = JSON.parse(result) as Omit<GateResult, "output">;
  return { id: `${runId(run)}.${n}`, run: runId(run), command, exitCode, durationMs };
};

/** The gates of a bead's merge runs, the last run's first. */
export const listGatesOf = (sql: Sql, bead: number, query: PageQuery): Page<GateSummary> =>
  readPage<ListedGateRow, GateSummary>(
    sql,
    {
      name: "gates",
      statement: `SELECT run, n, json_remove(result, '$.output') AS result FROM gates
        WHERE bead = ? AND (run, n) < (?, ?) ORDER BY run DESC, n DESC LIMIT ?`,
      binds: [bead],
      place: ["run", "n"],
      itemOf: summaryOf,
    },
    query,
  );

/** What one gate of a bead said; `null`: there is none of that id. */
export const gateOf = (sql: Sql, bead: number, id: string): GateResult | null => {
  const [run, n] = id.slice(1).split(".").map(Number);
  const row = first<Pick<GateRow, "result">>(
    sql,
    "SELECT result FROM gates WHERE bead = ? AND run = ? AND n = ?",
    bead,
    run ?? 0,
    n ?? 0,
  );
  return row === null ? null : parse(GateResult, JSON.parse(row.result));
};
