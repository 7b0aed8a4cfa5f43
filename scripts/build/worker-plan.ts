import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { DIST } from "./bundles.ts";

/** Where {@link Plan} is kept. */
export const PLAN = join(DIST, "plan", "plan.json");

/** A Worker in miniflare's own options, without its code. Named is only what is looked at here. */
export const Plan = v.object({
  /** Part of the name of every Durable Object's storage. */
  name: v.string(),
  options: v.looseObject({
    compatibilityDate: v.string(),
    /** The folder is relative to the project's. */
    assets: v.looseObject({ directory: v.string() }),
    d1Databases: v.record(v.string(), v.looseObject({ id: v.string() })),
    durableObjects: v.record(
      v.string(),
      v.looseObject({ container: v.optional(v.object({ imageName: v.string() })) }),
    ),
    cronTriggers: v.array(v.string()),
  }),
});
export type Plan = v.InferOutput<typeof Plan>;

export const readPlan = async (): Promise<Plan> => v.parse(Plan, JSON.parse(await readFile(PLAN, "utf8")));
