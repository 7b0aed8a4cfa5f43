import { table } from "../table.ts";

/** A model call that was admitted and is not settled yet. */
interface CallRow {
  id: string;
  run: number;
  at: number;
}

export const CALLS = table<CallRow>()("calls", "id");
