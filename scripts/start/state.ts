import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "./failure.ts";
import { takeLock } from "./lock.ts";

/**
 * Makes the state folder this process's own, for as long as it lives: two instances on one storage
 * would spoil it.
 *
 * @param about what to tell somebody who tries to start a second one: `process 12 at http://…`
 * @returns gives the folder back
 * @throws Failure if another instance has it, or it can't be made
 */
export const claimState = async (folder: string, about: string): Promise<() => void> => {
  const holder = join(folder, "holder");
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  } catch (error) {
    throw new Failure(`The state folder can't be made: ${(error as Error).message}.`);
  }
  const release = takeLock(join(folder, "lock"));
  if (!release) {
    const other = await readFile(holder, "utf8").catch(() => "another process");
    throw new Failure(
      `${folder} is in use by ${other.trim()}. Stop that one, or set CURFEW_STATE to another folder (and PORT to another port).`,
    );
  }
  await writeFile(holder, `${about}\n`);
  return release;
};
