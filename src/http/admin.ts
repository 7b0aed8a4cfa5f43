import { Hono } from "hono";
import type { Env } from "../env.ts";
import { examineOrphans } from "../ledger/run-orphans.ts";
import { sweep } from "../ledger/run-sweep.ts";
import { OrphansOrder } from "../protocol/orphans.ts";
import { Refusal } from "../protocol/problem.ts";
import type { Probe } from "../rooms/room.ts";
import { anyRoom, ROOM_CLASSES } from "../rooms/rooms.ts";
import { body } from "./body.ts";
import { value, type App } from "./context.ts";

const probed = (env: Env, kind: string, name: string): Promise<Probe> => {
  const of = ROOM_CLASSES.find((candidate) => candidate === kind);
  if (of === undefined)
    throw new Refusal(
      "not-found",
      kind === "TownContainer"
        ? "A container's object is not looked at: any touch of it writes. Its town knows."
        : `There are no rooms of class "${kind}".`,
    );
  if (name.length > 256) throw new Refusal("bad-request", "name: has at most 256 characters");
  return anyRoom(env, of, name).probe();
};

/** `/api/admin`: looks, and the sweeps. */
export const admin = new Hono<App>()
  .get("/rooms/:class/:name", async (c) =>
    c.json(await probed(c.env, c.req.param("class"), c.req.param("name"))),
  )
  .post("/sweep", async (c) => c.json(value(await sweep(c.env))))
  .post("/orphans", async (c) => {
    const { ids, destroy } = await body(c, OrphansOrder);
    return c.json({ findings: await examineOrphans(c.env, ids, destroy) });
  });
