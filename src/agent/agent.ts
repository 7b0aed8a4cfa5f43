import type { AgentFrame } from "../protocol/browser/agent-frame.ts";
import { CloseCode } from "../protocol/close-codes.ts";
import { AgentUp, type AgentDown } from "../protocol/container/agent-up.ts";
import type { NewMessage } from "../protocol/message.ts";
import { FIRST_PAGE, type PageQuery } from "../protocol/page.ts";
import { parseFrame } from "../protocol/parse.ts";
import type { AgentName } from "../protocol/primitives.ts";
import type { Answer } from "../protocol/problem.ts";
import { isSpoken, PROTOCOL_VERSION } from "../protocol/version.ts";
import { withDeadline } from "../deadline.ts";
import { backoffMs, OFTEN } from "../lifecycle/backoff.ts";
import { isCurrent } from "../lifecycle/fence.ts";
import type { Wake } from "../lifecycle/wake.ts";
import { first, type Kv, type Sql } from "../sql.ts";
import { establish } from "../storage/migrations.ts";
import type { AgentWord, TranscriptPage } from "../rooms/agent.ts";
import type { Handover } from "../rooms/town.ts";
import { AGENT_MIGRATIONS } from "./schema.ts";
import {
  addEntry,
  applyAgentEvent,
  endTools,
  messageEntry,
  setMessageState,
  type Change,
} from "./transcript.ts";
import { entriesSince, historyOf, lastEntries, listChanged, listEntries } from "./pages.ts";

export interface AgentPorts {
  readonly sql: Sql;
  readonly kv: Kv;
  readonly agent: AgentName;
  /** @throws RoomGone when the room is no longer alive */
  transaction<T>(work: () => T): T;
  readonly now: () => number;
  arm(at: number | null): void;
  background(work: Promise<void>): void;
  readonly town: { take(message: Handover): Promise<Answer<null>> };
  readonly viewers: { any(): boolean; send(text: string): void };
}

/** One small record: counters, the present run's fence, and what was taken from the container. */
interface AgentRecord {
  readonly seq: number;
  /** `null` between runs: then whatever the container says is late. */
  readonly fence: number | null;
  /** The last run that began: a beginning is told once, and an older one is late. */
  readonly begun: number;
  /** Place of the message that the present turn answers. */
  readonly answering: number | null;
  readonly life: number;
  readonly boot: string | null;
  readonly taken: number;
}

const NEW: AgentRecord = { seq: 0, fence: null, begun: 0, answering: null, life: 0, boot: null, taken: 0 };
/** A town that doesn't answer in this time is asked again. */
const TAKE_MS = 20_000;
/** A hand-over that neither ends nor fails is repeated after this long. */
const HANDOVER_TRY_MS = 30_000;

/** An agent's domain: its transcript, and the inbox whose messages the Town takes over. */
export class Agent {
  readonly #ports: AgentPorts;
  #handing: Promise<void> | null = null;

  constructor(ports: AgentPorts) {
    this.#ports = ports;
  }

  static create(ports: Pick<AgentPorts, "sql" | "kv">): void {
    establish(ports, AGENT_MIGRATIONS);
    ports.kv.put("agent", NEW);
  }

  /**
   * Stores a message; in the same transaction the alarm is armed that hands it to the Town, should
   * this room die before it has done so. The same id again is the same message.
   */
  say(message: NewMessage): { seq: number } {
    const entry = this.#commit((seq, changes) => {
      const known = messageEntry(this.#ports.sql, message.id);
      if (known !== null) return known.id;
      const { now, sql } = this.#ports;
      const change = addEntry(sql, {
        seq: seq(),
        at: now(),
        run: null,
        key: `message:${message.id}`,
        kind: "user",
        text: message.text,
        data: { message: message.id, state: "queued" },
      });
      changes.push(change);
      const id = change.type === "entry" ? change.entry.id : 0;
      sql.run(
        "INSERT INTO inbox (id, entry, due_at) VALUES (?, ?, ?)",
        message.id,
        id,
        now() + HANDOVER_TRY_MS,
      );
      return id;
    });
    this.#ports.background(this.handOver(true));
    return { seq: entry };
  }

  /** Hands waiting messages to the Town, in order, one at a time; what fails is tried again later. */
  handOver(now = false): Promise<void> {
    this.#handing ??= this.#handOverAll(now).finally(() => {
      this.#handing = null;
    });
    return this.#handing;
  }

  async #handOverAll(now: boolean): Promise<void> {
    for (let at = now ? Number.POSITIVE_INFINITY : this.#ports.now(); ;) {
      const next = first<{ id: string; entry: number; attempts: number; due_at: number; text: string }>(
        this.#ports.sql,
        `SELECT i.id, i.entry, i.attempts, i.due_at, e.text FROM inbox i JOIN entries e ON e.id = i.entry
         ORDER BY i.entry LIMIT 1`,
      );
      if (next === null || next.due_at > at) return;
      const { id, entry, text } = next;
      const handed = this.#ports.town.take({ agent: this.#ports.agent, id, entry, text });
      const taken = await withDeadline(handed, TAKE_MS)
        .then((answer) => answer.ok)
        .catch(() => false);
      this.#commit(() => {
        if (taken) this.#ports.sql.run("DELETE FROM inbox WHERE id = ?", next.id);
        else
          this.#ports.sql.run(
            "UPDATE inbox SET attempts = attempts + 1, due_at = ? WHERE id = ?",
            this.#ports.now() + backoffMs(next.attempts, OFTEN),
            next.id,
          );
      });
      if (!taken) return;
      at = Number.POSITIVE_INFINITY;
    }
  }

  /** The Town says that a run begins or is over. Said twice, it is said once. */
  told(word: AgentWord): null {
    this.#commit((seq, changes, record) => {
      const { sql, now } = this.#ports;
      const { run, fence, message } = word;
      if (word.kind === "begin") {
        if (fence <= record.begun) return;
        const answering = message === null ? null : (messageEntry(sql, message)?.id ?? null);
        this.#ports.kv.put("agent", { ...record, fence, begun: fence, answering });
        if (message !== null)
          changes.push(setMessageState(sql, { message, state: "delivered", run, fence }, seq()));
        return;
      }
      // A run that is tried again is none any more. One that has its result may still have words on their
      // way, whose line was cut: they are heard until the next one begins.
      if (isCurrent(fence, record.fence))
        this.#ports.kv.put("agent", {
          ...record,
          fence: word.state === "queued" ? null : record.fence,
          answering: null,
        });
      changes.push(...endTools(sql, fence, seq));
      if (message !== null)
        changes.push(setMessageState(sql, { message, state: word.state, run, fence }, seq()));
      const key = `end:${word.fence}`;
      const known = first(sql, "SELECT 1 FROM entries WHERE key = ?", key) !== null;
      if (word.notice !== null && !known)
        changes.push(
          addEntry(sql, {
            seq: seq(),
            at: now(),
            run: word.run,
            key,
            kind: "notice",
            text: word.notice.text,
            data: { level: word.notice.level },
          }),
        );
    });
    return null;
  }

  history(): { from: "user" | "agent"; text: string }[] {
    // The message of the turn that begins comes as the prompt; what was said before it is history.
    return historyOf(this.#ports.sql, this.#record().answering ?? Number.MAX_SAFE_INTEGER);
  }

  /**
   * A page of the transcript; with `after`, of what changed since, the latest change first. `seq` says what to
   * ask `after` the next time, once the first page's list has been read to its end.
   */
  transcript(after: number | null = null, query: PageQuery = FIRST_PAGE): TranscriptPage {
    const { sql } = this.#ports;
    const page = after === null ? listEntries(sql, query) : listChanged(sql, after, query);
    return { ...page, seq: this.#record().seq };
  }

  snapshot(after: number | null): string {
    const { seq } = this.#record();
    const changed = after !== null && after <= seq ? entriesSince(this.#ports.sql, after) : null;
    const last = changed === null ? lastEntries(this.#ports.sql) : { items: changed, next: null };
    const frame: AgentFrame = {
      type: "snapshot",
      version: PROTOCOL_VERSION,
      seq,
      since: changed === null ? null : after,
      agent: this.#ports.agent,
      entries: changed === null ? last.items.toReversed() : changed,
      earlier: last.next,
    };
    return JSON.stringify(frame);
  }

  /**
   * A frame from the container: answers it, or names the code to close its socket with.
   *
   * @param life the life that the socket's token names
   */
  linkFrame(text: string | ArrayBuffer, life: number): AgentDown | CloseCode {
    const frame = parseFrame(AgentUp, text);
    if (frame === null) return CloseCode.badMessage;
    if (frame.type === "hello") {
      if (!isSpoken("container", frame.version)) return CloseCode.tooOld;
      const record = this.#record();
      if (frame.life !== life || life < record.life) return CloseCode.gone;
      const same = record.boot === frame.boot;
      if (!same)
        this.#commit((_seq, _changes, present) =>
          this.#ports.kv.put("agent", { ...present, life, boot: frame.boot, taken: 0 }),
        );
      return { type: "welcome", version: PROTOCOL_VERSION, after: same ? record.taken : 0 };
    }
    const { boot, taken } = this.#record();
    // From a container that was replaced meanwhile.
    if (boot !== frame.boot) return CloseCode.gone;
    // Something before it is missing: an acknowledgement would say that it is here.
    if (frame.n > taken + 1) return CloseCode.tryAgain;
    this.#commit((seq, changes, record) => {
      if (frame.n <= record.taken) return;
      this.#ports.kv.put("agent", { ...record, taken: frame.n });
      if (!isCurrent(frame.fence, record.fence)) return;
      changes.push(
        applyAgentEvent(this.#ports.sql, frame.event, {
          seq: seq(),
          at: this.#ports.now(),
          run: frame.runId,
          prefix: frame.boot,
        }),
      );
    });
    return { type: "ack", n: frame.n };
  }

  async onAlarm(): Promise<void> {
    await this.handOver();
    this.#ports.arm(this.wake()?.at ?? null);
  }

  wake(): Wake<"a message waits for the town"> | null {
    const next = first<{ due_at: number }>(
      this.#ports.sql,
      "SELECT due_at FROM inbox ORDER BY entry LIMIT 1",
    );
    return next === null ? null : { at: next.due_at, why: "a message waits for the town" };
  }

  #record(): AgentRecord {
    return this.#ports.kv.get<AgentRecord>("agent") ?? NEW;
  }

  /** One transaction; the alarm is set in the same step, then pages are told. */
  #commit<T>(work: (seq: () => number, changes: (Change | null)[], record: AgentRecord) => T): T {
    const changes: (Change | null)[] = [];
    const result = this.#ports.transaction(() => {
      const before = this.#record();
      let { seq } = before;
      const value = work(() => ++seq, changes, before);
      if (seq !== before.seq) this.#ports.kv.put("agent", { ...this.#record(), seq });
      this.#ports.arm(this.wake()?.at ?? null);
      return value;
    });
    const { viewers } = this.#ports;
    if (viewers.any())
      for (const change of changes) if (change !== null) viewers.send(JSON.stringify(change));
    return result;
  }
}
