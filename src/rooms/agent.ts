import type { Charter } from "../lifecycle/vital.ts";
import type { AgentRole } from "../protocol/agent.ts";
import type { Entry } from "../protocol/entry.ts";
import type { NewMessage } from "../protocol/message.ts";
import type { Page, PageQuery } from "../protocol/page.ts";
import type { AgentName, RunId, TownId } from "../protocol/primitives.ts";
import type { Answer } from "../protocol/problem.ts";
import type { RoomRpc } from "./room.ts";

export interface AgentCharter extends Charter {
  readonly town: TownId;
  readonly agent: AgentName;
  readonly role: AgentRole;
}

/** What the Town tells an agent's room about a run. */
export type AgentWord =
  | { readonly kind: "begin"; readonly run: RunId; readonly fence: number; readonly message: string | null }
  | {
      readonly kind: "end";
      readonly run: RunId;
      readonly fence: number;
      readonly message: string | null;
      readonly state: "done" | "cancelled" | "failed" | "queued";
      readonly notice: { readonly level: "info" | "warning" | "error"; readonly text: string } | null;
    };

/** Some entries of a transcript. */
export interface TranscriptPage extends Page<Entry> {
  /** The room's change counter: asked `after` it, only what is newer is told. */
  readonly seq: number;
}

/** The room `Agent`. */
export interface AgentRpc extends RoomRpc<AgentCharter> {
  /** Stores the message before it answers; the same id again is the same message. */
  say(message: NewMessage): Promise<Answer<{ seq: number }>>;
  /** The newest entries first; with `after`, what changed since, the latest change first. */
  transcript(after: number | null, query: PageQuery): Promise<Answer<TranscriptPage>>;
  /** The town says what became of a run. */
  told(word: AgentWord): Promise<Answer<null>>;
  /** What was said, oldest first, 40 entries and 24,000 characters at most. */
  history(): Promise<Answer<{ from: "user" | "agent"; text: string }[]>>;
}
