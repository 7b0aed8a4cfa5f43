import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { endGroup, endMarked } from "../processes/ending.ts";
import { MARKER } from "../processes/marker.ts";
import { beginningOf } from "../processes/table.ts";
import type { StateFolder } from "./state-folder.ts";

/** A live container as the next start of the engine has to know it. */
const LifeRecord = v.object({
  container: v.string(),
  /** The engine's id: a copied state folder must not end the original's containers. */
  engine: v.string(),
  /** Of the main process, which leads the group. */
  pid: v.number(),
  beginning: v.nullable(v.string()),
});
type LifeRecord = v.InferOutput<typeof LifeRecord>;

type Place = Pick<StateFolder, "id" | "records">;

const pathOf = (state: Place, id: string): string => join(state.records, `${id}.json`);

/** To be written as soon as the process is there; the marker finds it after a crash in between. */
export const writeRecord = (state: Place, id: string, life: Omit<LifeRecord, "engine">): void => {
  const record: LifeRecord = { ...life, engine: state.id };
  writeFileSync(pathOf(state, id), JSON.stringify(record), { mode: 0o600 });
};

export const removeRecord = (state: Place, id: string): void => rmSync(pathOf(state, id), { force: true });

const parseRecord = (text: string): LifeRecord | null => {
  try {
    const result = v.safeParse(LifeRecord, JSON.parse(text));
    return result.success ? result.output : null;
  } catch {
    return null; // The engine was killed while it wrote; the marker finds those processes.
  }
};

/** Not if the process id means another process by now. */
const isStillThere = ({ pid, beginning }: LifeRecord): boolean =>
  beginning !== null && beginningOf(pid) === beginning;

/**
 * Ends what an engine that was killed has left running: the groups on record, then everything that carries one of this engine's markers.
 */
export const endLeftovers = async (state: Place, log: (line: string) => void): Promise<void> => {
  for (const file of readdirSync(state.records)) {
    const path = join(state.records, file);
    const record = parseRecord(readFileSync(path, "utf8"));
    if (record?.engine === state.id && isStillThere(record)) {
      log(`ending ${record.container}, left over from the last run (process ${record.pid})`);
      endGroup(record.pid);
    }
    rmSync(path);
  }
  await endMarked(`${MARKER}=${state.id}-`);
};
