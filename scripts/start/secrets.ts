import { randomBytes } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { Failure } from "./failure.ts";

/**
 * The secret that is kept in the file `path`, made at the first call: 256 random bits, in characters
 * that need no quoting in a URL. Only the user who runs Curfew can read the file.
 *
 * @throws Failure if the file is empty
 */
export const keptSecret = async (path: string): Promise<string> => {
  try {
    await writeFile(path, `${randomBytes(32).toString("base64url")}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    await chmod(path, 0o600);
  }
  const secret = (await readFile(path, "utf8")).trim();
  if (secret === "") throw new Failure(`${path} is empty: delete it, and a new one is made.`);
  return secret;
};
