import { Hono } from "hono";
import * as v from "valibot";
import type { Env } from "../env.ts";
import { NO_ORPHAN_ID, ORPHAN_ID } from "../ledger/orphan-id.ts";
import { examineOrphans } from "../ledger/run-orphans.ts";
import { sweep } from "../ledger/run-sweep.ts";
import { Refusal } from "../protocol/problem.ts";
import type { Probed } from "../verify.ts";
import { body } from "./body.ts";
import { value, type App } from "./context.ts";

const PROBED = ["User", "Town", "Agent"] as const;

const probed = (env: Env, kind: string, name: string): Promise<Probed> => {
  const namespace = PROBED.find((candidate) => candidate === kind);
  if (namespace === undefined)
    throw new Refusal(
      "not-found",
      kind === "TownContainer"
        ? "A container's object is not looked at: any touch of it writes. Its town knows."
        : `There are no rooms of class "${kind}".`,
    );
  if (name.length > 256) throw new Refusal("bad-request", "name: has at most 256 characters");
  return (env[namespace].getByName(name) as unknown as { probe(): Promise<Probed> }).probe();
};

/** `POST /api/admin/orphans`: ids of towns, or of objects (64 hexadecimal digits). */
const Orphans = v.strictObject({
  ids: v.pipe(
    v.array(v.pipe(v.string(), v.regex(ORPHAN_ID, NO_ORPHAN_ID))),
    v.minLength(1, "names no id"),
    v.maxLength(100, "has at most 100 ids"),
  ),
  /** Ends those that nobody claims. */
  destroy: v.boolean(),
});

/** `/api/admin`: looks, and the sweeps. */
export const admin = new Hono<App>()
  .get("/rooms/:class/:name", async (c) =>
    c.json(await probed(c.env, c.req.param("class"), c.req.param("name"))),
  )
  .post("/sweep", async (c) => c.json(value(await sweep(c.env))))
  .post("/orphans", async (c) => {
    const { ids, destroy } = await body(c, Orphans);
    return c.json({ findings: await examineOrphans(c.env, ids, destroy) });
  });
