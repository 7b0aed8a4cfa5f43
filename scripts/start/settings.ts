import { resolve } from "node:path";
import * as v from "valibot";
import { DURATIONS, type DurationName, SHORTEST } from "../../src/config.ts";
import { parseDuration } from "../../src/protocol/duration.ts";
import { Failure } from "./failure.ts";

/** What `npm start` is told by the environment. */
export interface Settings {
  readonly port: number;
  /** Everything that outlives a stop is in this folder; absolute. */
  readonly stateFolder: string;
  /** How containers run: as plain processes of this user, or in Docker. */
  readonly engine: "process" | "docker";
  /** How containers reach the Worker. */
  readonly url: string;
  /** `null`: made once and kept in the state folder. */
  readonly token: string | null;
  /** What cookies and agents' tokens are signed with; `null`: made once and kept in the state folder. */
  readonly secret: string | null;
  /** From one sweep to the next. */
  readonly sweepEveryMs: number;
  /** Passed to the Worker as they are: durations and the model for all towns. */
  readonly forWorker: Readonly<Record<string, string>>;
}

const Port = v.pipe(v.string(), v.regex(/^\d{1,5}$/), v.transform(Number), v.minValue(1), v.maxValue(65_535));
const word = (shortest: number) => v.pipe(v.string(), v.minLength(shortest), v.regex(/^[\x21-\x7e]{1,500}$/));
const OneLine = v.pipe(v.string(), v.regex(/^[^\r\n\0]{1,4000}$/));
const HttpUrl = v.pipe(v.string(), v.url(), v.regex(/^https?:\/\//));
const Duration = v.pipe(
  v.string(),
  v.check((text) => (parseDuration(text) ?? 0) > 0),
);

const A_DURATION = "a duration such as 30m or 5s";
/** As often as the cron trigger of wrangler.jsonc. */
const SWEEP_EVERY = "15m";

const MODEL = ["CURFEW_MODEL_BASE_URL", "CURFEW_MODEL", "CURFEW_MODEL_KEY"] as const;

const KNOWN: ReadonlySet<string> = new Set([
  ...Object.keys(DURATIONS),
  ...MODEL,
  "CURFEW_STATE",
  "CURFEW_ENGINE",
  "CURFEW_URL",
  "CURFEW_TOKEN",
  "CURFEW_SECRET",
  "CURFEW_SWEEP_EVERY",
  "CURFEW_CHROMIUM",
]);

/** Names in the environment that look like settings and are none: most likely misspelt. */
export const unknownSettings = (env: NodeJS.ProcessEnv): string[] =>
  Object.keys(env).filter((name) => name.startsWith("CURFEW_") && !KNOWN.has(name));

/**
 * @param folder what a relative `CURFEW_STATE` is relative to
 * @throws Failure that names the first variable whose value is no good; never shows a secret one
 */
export const readSettings = (env: NodeJS.ProcessEnv, folder: string): Settings => {
  /** Empty counts as not set: `CURFEW_TOKEN= npm start` is how a shell takes a setting away. */
  const read = <S extends v.GenericSchema<string, unknown>>(
    name: string,
    schema: S,
    needs: string,
  ): v.InferOutput<S> | null => {
    const text = env[name];
    if (text === undefined || text === "") return null;
    const result = v.safeParse(schema, text);
    if (!result.success) throw new Failure(`${name} must be ${needs}.`);
    return result.output;
  };

  const readWord = (name: keyof typeof SHORTEST): string | null =>
    read(name, word(SHORTEST[name]), `one word of ${SHORTEST[name]} to 500 plain characters`);

  const port = read("PORT", Port, "a port number from 1 to 65535") ?? 8787;
  const engine =
    read("CURFEW_ENGINE", v.picklist(["process", "docker"]), "`process` or `docker`") ?? "process";
  const host = engine === "docker" ? "host.docker.internal" : "localhost";

  const forWorker: Record<string, string> = {};
  for (const name of Object.keys(DURATIONS) as DurationName[]) {
    const text = read(name, Duration, A_DURATION);
    if (text !== null) forWorker[name] = text;
  }
  const model = {
    CURFEW_MODEL_BASE_URL: read("CURFEW_MODEL_BASE_URL", HttpUrl, "an http or https URL"),
    CURFEW_MODEL: read("CURFEW_MODEL", OneLine, "one line of at most 4000 characters"),
    CURFEW_MODEL_KEY: read("CURFEW_MODEL_KEY", OneLine, "one line of at most 4000 characters"),
  };
  if ((model.CURFEW_MODEL_BASE_URL === null) !== (model.CURFEW_MODEL === null)) {
    throw new Failure("CURFEW_MODEL_BASE_URL and CURFEW_MODEL belong together: set both, or neither.");
  }
  for (const name of MODEL) {
    const text = model[name];
    if (text !== null) forWorker[name] = text;
  }

  return {
    port,
    stateFolder: resolve(folder, read("CURFEW_STATE", OneLine, "the path of a folder") ?? ".curfew"),
    engine,
    url: read("CURFEW_URL", HttpUrl, "an http or https URL") ?? `http://${host}:${port}`,
    token: readWord("CURFEW_TOKEN"),
    secret: readWord("CURFEW_SECRET"),
    sweepEveryMs: parseDuration(read("CURFEW_SWEEP_EVERY", Duration, A_DURATION) ?? SWEEP_EVERY) ?? 0,
    forWorker,
  };
};
