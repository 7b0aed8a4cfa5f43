import type { Context } from "hono";
import * as v from "valibot";
import { PAGE_ENTRIES, type PageQuery } from "../protocol/page.ts";
import { parse } from "../protocol/parse.ts";

const NONE = v.null("is nothing that this list can be asked for");

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;

/**
 * `?limit`, `?cursor` and, where rows have one, `?status`.
 *
 * @param status the statuses that rows of this list can have; left out: they have none
 * @throws Refusal `bad-request`
 */
export const pageQuery = <Status extends string = never>(
  c: Context,
  status?: v.GenericSchema<Status>,
): PageQuery<Status> => {
  const { limit, cursor, status: wanted } = c.req.query();
  const schema = v.object({
    ...PAGE_ENTRIES,
    status: v.optional(status === undefined ? NONE : v.nullable(status), null),
  });
  return parse(schema, { limit: numberOf(limit), cursor, status: wanted }) as PageQuery<Status>;
};
