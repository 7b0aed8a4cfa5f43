import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as v from "valibot";
import { SHORTEST } from "../../src/config.ts";
import { bin, ROOT } from "../root.ts";
import { Failure } from "../start/failure.ts";

/** What nothing is served without. */
const NEEDED = Object.keys(SHORTEST) as (keyof typeof SHORTEST)[];

const Listed = v.array(v.object({ name: v.string() }));

/**
 * Which of the needed secrets the deployed Worker doesn't have. Their values can't be read: the Worker itself
 * refuses to serve with one that is too short.
 *
 * @param printed what `wrangler secret list` printed
 * @throws Failure if that is no list
 */
export const missingSecrets = (printed: string): string[] => {
  let json: unknown;
  try {
    json = JSON.parse(printed);
  } catch {
    throw new Failure("`wrangler secret list` printed no list, so nobody knows which secrets are there.");
  }
  const names = new Set(v.parse(Listed, json).map(({ name }) => name));
  return NEEDED.filter((name) => !names.has(name));
};

const putting = (names: readonly string[]): string =>
  names
    .map(
      (name) =>
        `  npx wrangler secret put ${name}   (one long random word; at least ${SHORTEST[name as keyof typeof SHORTEST]} characters)`,
    )
    .join("\n");

/** @throws Failure that says what to set, before anything is published that would refuse everybody */
export const requireSecrets = async (): Promise<void> => {
  const listed = await promisify(execFile)(process.execPath, [bin("wrangler"), "secret", "list"], {
    cwd: ROOT,
  }).catch((error: Error & { stderr?: string }) => {
    // The Worker isn't there yet: the first secret makes it.
    throw new Failure(
      `The Worker's secrets can't be listed: ${error.stderr?.trim() || error.message}\nBefore the first deployment, once:\n${putting(NEEDED)}`,
    );
  });
  const missing = missingSecrets(listed.stdout);
  if (missing.length > 0)
    throw new Failure(`Nothing was published: a secret is missing. Set it, once:\n${putting(missing)}`);
};
