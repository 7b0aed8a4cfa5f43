import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RoomStorage } from "./sqlite.ts";

const SRC = join(import.meta.dirname, "../../src");

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

const STATEMENT = /(["`])\s*((?:SELECT|INSERT|UPDATE|DELETE)\s.*?)\1/gs;

/** What is run of a statement as its source has it: anything may stand where something is put in. */
const patternOf = (statement: string): RegExp => {
  const parts = statement.split(/\$\{[^}]*(?:\}|$)/);
  return new RegExp(`^${parts.map((part) => part.replace(/[^\w\s]/g, "\\$&")).join(".*")}$`);
};

/** Statements that the sources of a folder of `src` hold, but that were not run: nobody has looked at their plan. */
export const notRun = (storage: RoomStorage, folder: string): string[] => {
  const run = [...new Set(storage.statements.map(oneLine))];
  return readdirSync(join(SRC, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/(^|\/)(tables|schema)\.ts$/.test(file))
    .flatMap((file) => [...readFileSync(join(SRC, folder, file), "utf8").matchAll(STATEMENT)])
    .map(([, , statement = ""]) => oneLine(statement))
    .filter((statement) => !run.some((other) => patternOf(statement).test(other)));
};
