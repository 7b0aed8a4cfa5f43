import * as v from "valibot";
import { parseDuration } from "../../src/protocol/duration.ts";
import { parse } from "../../src/protocol/parse.ts";
import { TownId } from "../../src/protocol/primitives.ts";

const whole = (min: number, max: number) =>
  v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number), v.minValue(min), v.maxValue(max));

const Duration = v.pipe(
  v.string(),
  v.transform(parseDuration),
  v.number("must be a duration such as 60s"),
  v.minValue(1),
);

const Variables = v.object({
  PORT: whole(0, 65_535),
  CURFEW_URL: v.pipe(v.string(), v.url(), v.regex(/^https?:\/\//)),
  CURFEW_TOWN: TownId,
  CURFEW_LIFE: whole(0, Number.MAX_SAFE_INTEGER),
  CURFEW_LEASE: Duration,
  CURFEW_TOKEN: v.pipe(v.string(), v.minLength(1)),
  CURFEW_CONTAINER: v.optional(v.pipe(v.string(), v.minLength(1))),
});

/** What the control server is told when it is started. */
export interface Environment {
  readonly port: number;
  /** As a process on a person's machine only loopback may reach it; in a container of its own, all. */
  readonly host: "127.0.0.1" | "0.0.0.0";
  /** The Worker's address. */
  readonly url: string;
  readonly town: string;
  /** The container's count of starts. */
  readonly life: number;
  /** The Town gives up a container whose last ping is older. */
  readonly leaseMs: number;
  /** The container's bearer token, in both directions. */
  readonly token: string;
  /** The process engine's marker; `null` in a real container. */
  readonly marker: string | null;
}

/**
 * Reads the environment and takes the token out of it, so that no child inherits it.
 *
 * @throws Refusal that names the variable which is missing or wrong
 */
export const takeEnvironment = (variables: NodeJS.ProcessEnv): Environment => {
  const read = parse(Variables, variables);
  delete variables["CURFEW_TOKEN"];
  return {
    port: read.PORT,
    host: read.CURFEW_CONTAINER === undefined ? "0.0.0.0" : "127.0.0.1",
    url: read.CURFEW_URL,
    town: read.CURFEW_TOWN,
    life: read.CURFEW_LIFE,
    leaseMs: read.CURFEW_LEASE,
    token: read.CURFEW_TOKEN,
    marker: read.CURFEW_CONTAINER ?? null,
  };
};
