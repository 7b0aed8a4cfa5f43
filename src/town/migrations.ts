import type { Sql } from "../sql.ts";
import { MIGRATIONS } from "./features.ts";

export const createTownSchema = (sql: Sql): void => {
  for (const { statements } of MIGRATIONS) for (const statement of statements) sql.run(statement);
};
