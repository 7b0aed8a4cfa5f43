import * as v from "valibot";
import { Failure } from "../start/failure.ts";

/** How Cloudflare's API is reached, and as whom. */
export interface CloudAccess {
  readonly account: string;
  /** An API token that may read Workers scripts; it goes nowhere but into a header. */
  readonly token: string;
  readonly api?: string;
}

const API = "https://api.cloudflare.com/client/v4";
/** The most that one answer may hold, as the API's reference says. */
const NAMESPACES_A_PAGE = 1000;
const OBJECTS_A_PAGE = 10_000;

const Failed = v.object({ errors: v.array(v.object({ code: v.number(), message: v.string() })) });

/** `GET /accounts/:account/workers/durable_objects/namespaces` */
const Namespaces = v.object({
  result: v.array(
    v.object({ id: v.string(), script: v.optional(v.string()), class: v.optional(v.string()) }),
  ),
  result_info: v.optional(v.object({ total_count: v.optional(v.number()) })),
});

/** `GET …/namespaces/:namespace/objects`: the last page has no cursor, or an empty one. */
const Objects = v.object({
  result: v.array(v.object({ id: v.string(), hasStoredData: v.optional(v.boolean()) })),
  result_info: v.optional(v.object({ cursor: v.optional(v.nullable(v.string())) })),
});

const ask = async <const S extends v.GenericSchema>(
  access: CloudAccess,
  path: string,
  query: Readonly<Record<string, string>>,
  schema: S,
): Promise<v.InferOutput<S>> => {
  const url = `${access.api ?? API}/accounts/${encodeURIComponent(access.account)}${path}?${new URLSearchParams(query)}`;
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${access.token}` },
    redirect: "error",
  }).catch((error: Error) => {
    throw new Failure(`Cloudflare's API can't be reached: ${error.message}.`);
  });
  const json: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const failed = v.safeParse(Failed, json);
    const why = failed.success ? failed.output.errors.map(({ code, message }) => `${message} (${code})`) : [];
    throw new Failure(
      `Cloudflare's API refused (${response.status}): ${why.join("; ") || "no reason given"}.`,
    );
  }
  const parsed = v.safeParse(schema, json);
  if (!parsed.success)
    throw new Failure(`Cloudflare's API answered ${path} in a form that is not known here.`);
  return parsed.output;
};

const NAMESPACES = "/workers/durable_objects/namespaces";

const namespacesOf = async (access: CloudAccess, script: string): Promise<string[]> => {
  const ids: string[] = [];
  for (let page = 1, seen = 0; ; page += 1) {
    const query = { page: String(page), per_page: String(NAMESPACES_A_PAGE) };
    const { result, result_info: info } = await ask(access, NAMESPACES, query, Namespaces);
    ids.push(...result.filter((one) => one.script === script).map(({ id }) => id));
    seen += result.length;
    if (result.length === 0 || seen >= (info?.total_count ?? seen)) return ids;
  }
};

/**
 * The ids of all objects of a Worker that have stored data, as the cloud itself lists them. Tombstones
 * are among them: they are data, too.
 *
 * @param script the Worker's name
 * @throws Failure if the API can't be reached, refuses, or knows no such Worker
 */
export const cloudObjects = async function* (access: CloudAccess, script: string): AsyncGenerator<string> {
  const namespaces = await namespacesOf(access, script);
  if (namespaces.length === 0)
    throw new Failure(`The account has no Worker "${script}" with Durable Objects.`);
  for (const namespace of namespaces) {
    for (let cursor: string | null = ""; cursor !== null;) {
      const query = { limit: String(OBJECTS_A_PAGE), ...(cursor && { cursor }) };
      const path = `${NAMESPACES}/${encodeURIComponent(namespace)}/objects`;
      const page: v.InferOutput<typeof Objects> = await ask(access, path, query, Objects);
      for (const { id, hasStoredData } of page.result) if (hasStoredData === true) yield id;
      cursor = page.result_info?.cursor || null;
    }
  }
};
