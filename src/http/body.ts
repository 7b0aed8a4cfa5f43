import type { Context } from "hono";
import type * as v from "valibot";
import { parse } from "../protocol/parse.ts";
import { Refusal } from "../protocol/problem.ts";

/** The largest JSON body that any route takes, in bytes. */
export const BODY_MAX_BYTES = 1_000_000;

/**
 * A request's JSON body, parsed.
 *
 * @throws Refusal `bad-request` for what is no JSON or doesn't fit the schema
 */
export const body = async <const S extends v.GenericSchema>(
  c: Context,
  schema: S,
): Promise<v.InferOutput<S>> => {
  if (!/^application\/json\b/i.test(c.req.header("content-type") ?? ""))
    throw new Refusal("bad-request", "Send JSON, with content-type: application/json.");
  const text = await c.req.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Refusal("bad-request", "The body is not valid JSON.");
  }
  return parse(schema, json);
};

/** `?after=<n>`: a whole number, `null` if it is left out. @throws Refusal `bad-request` */
export const afterQuery = (c: Context): number | null => {
  const text = c.req.query("after") ?? null;
  if (text !== null && !/^\d{1,15}$/.test(text))
    throw new Refusal("bad-request", "after: must be a whole number");
  return text === null ? null : Number(text);
};
