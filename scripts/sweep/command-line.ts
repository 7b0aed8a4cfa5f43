import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Failure } from "../start/failure.ts";
import { readSettings } from "../start/settings.ts";
import type { CloudAccess } from "./cloud.ts";
import type { CurfewAccess } from "./orphans.ts";

export const USAGE = [
  "Usage: npm run sweep -- --ids <file> [--cloud] [--url <url>] [--destroy]",
  "  --ids <file>  ids of towns, or of Durable Objects (64 hexadecimal digits), one a line; - is standard input",
  "  --cloud       all objects of the deployed Worker that have stored data, from Cloudflare's API:",
  "                CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID in the environment",
  "  --url <url>   the Curfew to ask; the one on this machine if it is left out",
  "  --destroy     end what nobody claims; without it, it is only listed",
  "The owner's token is CURFEW_TOKEN, or what `npm start` keeps in the state folder.",
].join("\n");

/** What the command line and the environment ask for. */
export interface Wish {
  readonly curfew: CurfewAccess;
  /** The file of ids; `-` is standard input. */
  readonly ids: string | null;
  readonly cloud: CloudAccess | null;
  readonly destroy: boolean;
}

const OPTIONS = {
  ids: { type: "string" },
  cloud: { type: "boolean", default: false },
  url: { type: "string" },
  destroy: { type: "boolean", default: false },
} as const;

const readArgs = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new Failure(`${(error as Error).message}\n${USAGE}`);
  }
};

const cloudAccess = (env: NodeJS.ProcessEnv): CloudAccess => {
  const { CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_ACCOUNT_ID: account } = env;
  if (!token || !account)
    throw new Failure("--cloud needs CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID in the environment.");
  return { token, account };
};

/**
 * @param folder what a relative `CURFEW_STATE` is relative to
 * @throws Failure that says what is missing or wrong
 */
export const readWish = async (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  folder: string,
): Promise<Wish> => {
  const { ids = null, cloud, url, destroy } = readArgs(args);
  if (ids === null && !cloud) throw new Failure(`Nothing to look at: --ids or --cloud.\n${USAGE}`);
  const settings = readSettings(env, folder);
  const address = url ?? `http://localhost:${settings.port}`;
  if (!URL.canParse(address) || !/^https?:/.test(address)) throw new Failure(`--url: ${address} is no URL.`);
  const kept = join(settings.stateFolder, "token");
  const token = settings.token ?? (await readFile(kept, "utf8").catch(() => "")).trim();
  if (token === "") throw new Failure(`No owner's token: set CURFEW_TOKEN (there is none in ${kept}).`);
  return { curfew: { url: address, token }, ids, cloud: cloud ? cloudAccess(env) : null, destroy };
};
