import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Does `work` unless the file `path` says that it was already done for this `fingerprint`. The stamp is
 * taken away first, so that work which was cut off is done again.
 *
 * @returns whether it was done now
 */
export const onceFor = async (
  path: string,
  fingerprint: string,
  work: () => Promise<void>,
): Promise<boolean> => {
  if ((await readFile(path, "utf8").catch(() => "")) === fingerprint) return false;
  await rm(path, { force: true });
  await work();
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, fingerprint);
  return true;
};
