import { table } from "../table.ts";

/** What is delivered one after the other with everything else that touches the container, and what isn't. */
export type Lane = "container" | "peers";

/** Something that the town owes to a peer. */
export interface OutboxRow {
  id: string;
  kind: string;
  lane: Lane;
  /** JSON that its kind understands. */
  payload: string;
  attempts: number;
  due_at: number;
}

export const OUTBOX = table<OutboxRow, "attempts">()("outbox", "id");
