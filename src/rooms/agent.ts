import type { Entry } from "../protocol/entry.ts";
import type { NewMessage } from "../protocol/message.ts";
import type { Answer } from "../protocol/problem.ts";
import type { AgentCharter, AgentWord } from "../town/ports.ts";
import type { RoomRpc } from "./room.ts";

/** The room `Agent`. */
export interface AgentRpc extends RoomRpc<AgentCharter> {
  /** Stores the message before it answers; the same id again is the same message. */
  say(message: NewMessage): Promise<Answer<{ seq: number }>>;
  transcript(after: number): Promise<Answer<{ seq: number; entries: Entry[] }>>;
  /** The town says what became of a run. */
  told(word: AgentWord): Promise<Answer<null>>;
  /** What was said, oldest first, 40 entries and 24,000 characters at most. */
  history(): Promise<Answer<{ from: "user" | "agent"; text: string }[]>>;
}
