import type { Entry, MessageState } from "../protocol/entry.ts";
import type { AgentEvent } from "../protocol/container/agent-up.ts";
import type { RunId } from "../protocol/primitives.ts";
import { first, type Sql } from "../sql.ts";
import { OPEN_TOOL } from "./schema.ts";

/** Longest text of one entry, in UTF-16 units; what comes after is left out and said so. */
const TEXT_KEPT = 400_000;
/** Likewise for what a tool was given and gave, its title, and the lines of a plan. */
const TOOL_KEPT = 16 * 1024;
const LINE_KEPT = 1000;
const PLAN_KEPT = 100;
const CUT = "\n… (cut here: the entry became too long)";

/** The text, cut to `max` units and never inside a character. An entry must fit into its row. */
const cut = (text: string, max: number): string =>
  text.length <= max ? text : text.slice(0, max).replace(/[\uD800-\uDBFF]$/, "") + CUT;

export interface EntryRow {
  id: number;
  seq: number;
  at: number;
  run: string | null;
  kind: Entry["kind"];
  text: string;
  data: string;
}

export const entryOf = (row: EntryRow): Entry =>
  ({
    id: row.id,
    seq: row.seq,
    at: row.at,
    run: row.run,
    kind: row.kind,
    ...(row.kind === "tool" || row.kind === "plan" ? {} : { text: row.text }),
    ...(JSON.parse(row.data) as object),
  }) as Entry;

export const COLUMNS = "id, seq, at, run, kind, text, data";

const byId = (sql: Sql, id: number): EntryRow | null =>
  first<EntryRow>(sql, `SELECT ${COLUMNS} FROM entries WHERE id = ?`, id);

const byKey = (sql: Sql, key: string): EntryRow | null =>
  first<EntryRow>(sql, `SELECT ${COLUMNS} FROM entries WHERE key = ?`, key);

/** What pages are told of one change: a whole entry, or text that was added to one. */
export type Change =
  | { readonly type: "entry"; readonly seq: number; readonly entry: Entry }
  | {
      readonly type: "append";
      readonly seq: number;
      readonly id: number;
      readonly offset: number;
      readonly text: string;
    };

export interface NewEntry {
  readonly seq: number;
  readonly at: number;
  readonly run: string | null;
  readonly key: string | null;
  readonly kind: Entry["kind"];
  readonly text?: string;
  readonly data?: object;
}

export const addEntry = (sql: Sql, entry: NewEntry): Change => {
  sql.run(
    "INSERT INTO entries (seq, at, run, key, kind, text, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
    entry.seq,
    entry.at,
    entry.run,
    entry.key,
    entry.kind,
    entry.text ?? "",
    JSON.stringify(entry.data ?? {}),
  );
  const row = first<EntryRow>(sql, `SELECT ${COLUMNS} FROM entries WHERE id = last_insert_rowid()`);
  if (row === null) throw new Error("an entry that was just added is not there");
  return { type: "entry", seq: entry.seq, entry: entryOf(row) };
};

/** Applies what the container says of a run to the transcript. `prefix` makes its ids unique. */
export const applyAgentEvent = (
  sql: Sql,
  event: AgentEvent,
  about: { readonly seq: number; readonly at: number; readonly run: string; readonly prefix: string },
): Change | null => {
  const key = `${about.prefix}:${event.id}`;
  const old = byKey(sql, key);
  const common = { seq: about.seq, at: about.at, run: about.run, key };
  switch (event.type) {
    case "text":
    case "thought": {
      if (old === null)
        return addEntry(sql, { ...common, kind: event.type, text: cut(event.append, TEXT_KEPT) });
      const room = TEXT_KEPT - old.text.length;
      // Over it, not at it: then the word about the cut is there already.
      if (room < 0) return null;
      const text = cut(event.append, room);
      sql.run("UPDATE entries SET text = text || ?, seq = ? WHERE id = ?", text, about.seq, old.id);
      return { type: "append", seq: about.seq, id: old.id, offset: old.text.length, text };
    }
    case "tool": {
      const before = old === null ? {} : (JSON.parse(old.data) as { input?: string; output?: string });
      const data = {
        title: cut(event.title, LINE_KEPT),
        status: event.status,
        input: event.input === undefined ? (before.input ?? "") : cut(event.input, TOOL_KEPT),
        output: event.output === undefined ? (before.output ?? "") : cut(event.output, TOOL_KEPT),
      };
      return old === null
        ? addEntry(sql, { ...common, kind: "tool", data })
        : setData(sql, old.id, data, about.seq);
    }
    case "plan": {
      const items = event.items
        .slice(0, PLAN_KEPT)
        .map(({ text, status }) => ({ text: cut(text, LINE_KEPT), status: cut(status, LINE_KEPT) }));
      return old === null
        ? addEntry(sql, { ...common, kind: "plan", data: { items } })
        : setData(sql, old.id, { items }, about.seq);
    }
    case "notice": {
      if (old !== null) return null;
      const text = cut(event.text, TEXT_KEPT);
      return addEntry(sql, { ...common, kind: "notice", text, data: { level: event.level } });
    }
  }
};

const setData = (sql: Sql, id: number, data: object, seq: number): Change | null => {
  sql.run("UPDATE entries SET data = ?, seq = ? WHERE id = ?", JSON.stringify(data), seq, id);
  const row = byId(sql, id);
  return row === null ? null : { type: "entry", seq, entry: entryOf(row) };
};

/** The transcript entry of a message, by the client's id. */
export const messageEntry = (sql: Sql, message: string): EntryRow | null => byKey(sql, `message:${message}`);

/**
 * Notes what a run did to its message. Not if a later run has it by now: words of the Town may overtake
 * each other. A run's number is its fence.
 */
export const setMessageState = (
  sql: Sql,
  { message, state, run, fence }: { message: string; state: MessageState; run: RunId; fence: number },
  seq: number,
): Change | null => {
  const row = messageEntry(sql, message);
  if (row === null || (row.run !== null && Number(row.run.slice(1)) > fence)) return null;
  sql.run("UPDATE entries SET run = ? WHERE id = ?", run, row.id);
  return setData(sql, row.id, { ...(JSON.parse(row.data) as object), state }, seq);
};

/** With a run its tools have ended, also those that were cut off: their calls count as failed. */
export const endTools = (sql: Sql, fence: number, seq: () => number): (Change | null)[] =>
  sql
    .all<EntryRow>(`SELECT ${COLUMNS} FROM entries WHERE ${OPEN_TOOL}`)
    .filter(({ run }) => run !== null && Number(run.slice(1)) <= fence)
    .map(({ id, data }) => setData(sql, id, { ...(JSON.parse(data) as object), status: "failed" }, seq()));
