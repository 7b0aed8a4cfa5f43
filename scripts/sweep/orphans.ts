import * as v from "valibot";
import { NO_ORPHAN_ID, ORPHAN_ID } from "../../src/ledger/orphan-id.ts";
import { explain } from "../../src/protocol/parse.ts";
import { Problem } from "../../src/protocol/problem.ts";
import { Failure } from "../start/failure.ts";

/** A Curfew and its owner's token. */
export interface CurfewAccess {
  readonly url: string;
  readonly token: string;
}

/** What `POST /api/admin/orphans` says of one id. */
const Finding = v.object({
  id: v.string(),
  room: v.string(),
  standing: v.picklist(["claimed", "unclaimed", "tombstone", "nothing", "unknown"]),
  detail: v.string(),
  ended: v.nullable(v.picklist(["closing", "gone"])),
});
export type Finding = v.InferOutput<typeof Finding>;

const Answer = v.object({ findings: v.array(Finding) });

const LOOKED_AT_ONCE = 100;
/** Each may take its time, and a request must end before its client gives up. */
const ENDED_AT_ONCE = 10;

const ask = async (access: CurfewAccess, ids: readonly string[], destroy: boolean): Promise<Finding[]> => {
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
  const parsed = v.safeParse(Answer, json);
  if (parsed.success) return parsed.output.findings;
  throw new Failure(`${access.url} answered what this script does not know: ${explain(parsed.issues)}.`);
};

const noId = (id: string): Finding => ({
  id,
  room: "",
  standing: "unknown",
  detail: NO_ORPHAN_ID,
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
): AsyncGenerator<Finding> {
  let batch: string[] = [];
  for await (const id of ids) {
    if (!ORPHAN_ID.test(id)) {
      yield noId(id);
      continue;
    }
    batch.push(id);
    if (batch.length < (destroy ? ENDED_AT_ONCE : LOOKED_AT_ONCE)) continue;
    yield* await ask(access, batch, destroy);
    batch = [];
  }
  if (batch.length > 0) yield* await ask(access, batch, destroy);
};
