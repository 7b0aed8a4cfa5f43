import * as v from "valibot";
import { OrphanId, OrphansAnswer, type OrphanFinding } from "../../src/protocol/orphans.ts";
import { explain } from "../../src/protocol/parse.ts";
import { Problem } from "../../src/protocol/problem.ts";
import { Failure } from "../start/failure.ts";

/** A Curfew and its owner's token. */
export interface CurfewAccess {
  readonly url: string;
  readonly token: string;
}

const LOOKED_AT_ONCE = 100;
/** Each may take its time, and a request must end before its client gives up. */
const ENDED_AT_ONCE = 10;

const ask = async (
  access: CurfewAccess,
  ids: readonly string[],
  destroy: boolean,
): Promise<OrphanFinding[]> => {
  const response = await fetch(new URL("/api/admin/orphans", access.url), {
    method: "POST",
    headers: { authorization: `Bearer ${access.token}`, "content-type": "application/json" },
    body: JSON.stringify({ ids, destroy }),
    redirect: "error",
  }).catch((error: Error) => {
    throw new Failure(`${access.url} does not answer (${error.message}). Is Curfew running there?`);
  });
  const json: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const told = v.safeParse(Problem, json);
    throw new Failure(
      `${access.url} refused (${response.status}): ${told.success ? told.output.detail : "no reason given"}`,
    );
  }
  const parsed = v.safeParse(OrphansAnswer, json);
  if (parsed.success) return parsed.output.findings;
  throw new Failure(`${access.url} answered what this script does not know: ${explain(parsed.issues)}.`);
};

const noId = (id: string, detail: string): OrphanFinding => ({
  id,
  room: "",
  standing: "unknown",
  detail,
  ended: null,
});

/**
 * Asks a Curfew what each id is, and lets it end what nobody claims if `destroy` is set. What is no id at
 * all is not asked about: Curfew would refuse it together with the good ones around it.
 *
 * @throws Failure if it does not answer, or refuses
 */
export const askAbout = async function* (
  access: CurfewAccess,
  ids: Iterable<string> | AsyncIterable<string>,
  destroy: boolean,
): AsyncGenerator<OrphanFinding> {
  let batch: string[] = [];
  for await (const id of ids) {
    const parsed = v.safeParse(OrphanId, id);
    if (!parsed.success) {
      yield noId(id, parsed.issues[0].message);
      continue;
    }
    batch.push(id);
    if (batch.length < (destroy ? ENDED_AT_ONCE : LOOKED_AT_ONCE)) continue;
    yield* await ask(access, batch, destroy);
    batch = [];
  }
  if (batch.length > 0) yield* await ask(access, batch, destroy);
};
