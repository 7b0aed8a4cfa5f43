import type { RoomStorage } from "./sqlite.ts";

/** Statements that read or change rows; what makes the tables is no matter of plans. */
const isQuery = (statement: string): boolean => /^\s*(SELECT|UPDATE|DELETE|INSERT)/i.test(statement);

const oneLine = (statement: string): string => statement.replace(/\s+/g, " ").trim();

/** Those of the statements that were run which read a table from end to end without an index. */
export const fullScans = (storage: RoomStorage): string[] => {
  const queries = new Set(storage.statements.filter(isQuery));
  return [...queries]
    .filter((statement) =>
      storage
        .plan(statement)
        .some((step) => step.startsWith("SCAN") && !/USING (COVERING )?INDEX/.test(step)),
    )
    .map(oneLine)
    .toSorted();
};

/** How many statements `work` runs. */
export const counted = async (storage: RoomStorage, work: () => unknown): Promise<number> => {
  const before = storage.statements.length;
  await work();
  return storage.statements.length - before;
};
