import type { Config } from "../config.ts";
import type { AgentName } from "../protocol/primitives.ts";
import { first, type Sql } from "../sql.ts";
import type { ContainerRecord, TownRecord } from "./record.ts";
import type { RunRow } from "./rows.ts";

/** Something that wants a run, and from when on. */
export type Job =
  | { readonly kind: "chat"; readonly message: string; readonly agent: AgentName; readonly at: number }
  | { readonly kind: "check"; readonly rig: string; readonly at: number }
  | { readonly kind: "merge"; readonly bead: number; readonly rig: string; readonly at: number }
  | { readonly kind: "work"; readonly bead: number; readonly rig: string; readonly at: number };

/** All that decisions are made from. */
export interface Facts {
  readonly container: ContainerRecord;
  readonly polecatCap: number;
  readonly runs: readonly OpenRun[];
  /** In the order in which they get their run. */
  readonly jobs: readonly Job[];
  readonly errandDueAt: number | null;
}

export type OpenRun = Pick<
  RunRow,
  "number" | "kind" | "state" | "agent" | "rig" | "bead" | "created_at" | "due_at"
>;

export type Timing = Pick<Config, "leaseMs" | "graceMs" | "lifeMaxMs" | "startDeadlineMs">;

/** What every transaction asks of the tables; one indexed statement each. */
export const FACT_STATEMENTS = {
  runs: `SELECT number, kind, state, agent, rig, bead, created_at, due_at FROM runs
         WHERE state <> 'ended' ORDER BY number`,
  checks: `SELECT name, retry_at FROM rigs WHERE state = 'checking' ORDER BY created_at`,
  messages: `SELECT id, agent, MIN(entry) AS entry, retry_at FROM messages GROUP BY agent`,
  beads: `SELECT b.number, b.rig, b.status, b.retry_at FROM beads b JOIN rigs r ON r.name = b.rig
          WHERE b.status IN ('open', 'in_review') AND b.held = 0 AND r.state = 'ready'
          ORDER BY b.number LIMIT 200`,
  errands: `SELECT due_at FROM errands ORDER BY due_at LIMIT 1`,
  working: `SELECT COUNT(*) AS n FROM agents WHERE status = 'working'`,
  needsYou: `SELECT 1 FROM beads WHERE status = 'failed'
             UNION ALL SELECT 1 FROM beads WHERE status = 'in_review' AND held = 1
             UNION ALL SELECT 1 FROM rigs WHERE state = 'failed' LIMIT 1`,
} as const;

interface BeadFact {
  readonly number: number;
  readonly rig: string;
  readonly status: "open" | "in_review";
  readonly retry_at: number | null;
}

const beadJobs = (beads: readonly BeadFact[], status: BeadFact["status"]): Job[] =>
  beads
    .filter((bead) => bead.status === status)
    .map(({ number, rig, retry_at }) => ({
      kind: status === "open" ? "work" : "merge",
      bead: number,
      rig,
      at: retry_at ?? 0,
    }));

/** How each part is read. */
const READS = {
  runs: (sql: Sql) => sql.all<OpenRun>(FACT_STATEMENTS.runs),
  checks: (sql: Sql) =>
    sql
      .all<{ name: string; retry_at: number | null }>(FACT_STATEMENTS.checks)
      .map(({ name, retry_at }): Job => ({ kind: "check", rig: name, at: retry_at ?? 0 })),
  messages: (sql: Sql) =>
    sql
      .all<{ id: string; agent: AgentName; retry_at: number | null }>(FACT_STATEMENTS.messages)
      .map(({ id, agent, retry_at }): Job => ({ kind: "chat", message: id, agent, at: retry_at ?? 0 })),
  beads: (sql: Sql) => {
    const beads = sql.all<BeadFact>(FACT_STATEMENTS.beads);
    // What is nearly done comes first.
    return [...beadJobs(beads, "in_review"), ...beadJobs(beads, "open")];
  },
  errands: (sql: Sql) => first<{ due_at: number }>(sql, FACT_STATEMENTS.errands)?.due_at ?? null,
  working: (sql: Sql) => first<{ n: number }>(sql, FACT_STATEMENTS.working)?.n ?? 0,
  needsYou: (sql: Sql) => first(sql, FACT_STATEMENTS.needsYou) !== null,
} as const;

type Part = keyof typeof READS;
type Parts = { -readonly [P in Part]: ReturnType<(typeof READS)[P]> };

/** The tables that each part is read from: nothing else changes it. */
const TABLES: Readonly<Record<Part, readonly string[]>> = {
  runs: ["runs"],
  checks: ["rigs"],
  messages: ["messages"],
  beads: ["beads", "rigs"],
  errands: ["errands"],
  working: ["agents"],
  needsYou: ["beads", "rigs"],
};

const WRITTEN = /^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE(?: OR \w+)?|DELETE FROM)\s+(\w+)/i;

const tableWrittenBy = (statement: string): string => {
  const [, table] = WRITTEN.exec(statement) ?? [];
  if (table === undefined) throw new Error(`it is unclear which table this writes: ${statement}`);
  return table;
};

/**
 * What an instance knows of its tables. It is the only one that writes them, and does so through {@link sql}:
 * with each statement it forgets the parts that are read from that table. A new instance reads all.
 */
export class Knowledge {
  /** For all that a living town writes. `all` only reads. */
  readonly sql: Sql;
  #parts: Partial<Parts> = {};

  constructor(sql: Sql) {
    this.sql = {
      all: (statement, ...binds) => {
        if (!/^\s*SELECT\s/i.test(statement)) throw new Error(`this is no question: ${statement}`);
        return sql.all(statement, ...binds);
      },
      run: (statement, ...binds) => {
        const table = tableWrittenBy(statement);
        sql.run(statement, ...binds);
        for (const part of Object.keys(TABLES) as Part[])
          if (TABLES[part].includes(table)) delete this.#parts[part];
      },
    };
  }

  /** A transaction came to nothing: what was read in it was never so. */
  forget(): void {
    this.#parts = {};
  }

  #part<P extends Part>(part: P): Parts[P] {
    const known = this.#parts[part];
    if (known !== undefined) return known;
    const read = READS[part](this.sql) as Parts[P];
    this.#parts[part] = read;
    return read;
  }

  facts(town: TownRecord, container: ContainerRecord): Facts {
    return {
      container,
      polecatCap: town.polecatCap,
      runs: this.#part("runs"),
      jobs: [...this.#part("messages"), ...this.#part("checks"), ...this.#part("beads")],
      errandDueAt: this.#part("errands"),
    };
  }

  /** Whether anything runs. */
  get isActive(): boolean {
    return this.#part("runs").length > 0;
  }

  /** What the owner's list shows. */
  get standing(): { readonly working: number; readonly needsYou: boolean } {
    return { working: this.#part("working"), needsYou: this.#part("needsYou") };
  }
}
