import { first } from "../../sql.ts";
import { part } from "../part.ts";

/** When the next thing that is owed is due; `null`: nothing is. */
export const outboxDueAt = part(
  "SELECT due_at FROM outbox ORDER BY due_at LIMIT 1",
  ["outbox"],
  (sql, statement): number | null => first<{ due_at: number }>(sql, statement)?.due_at ?? null,
);
