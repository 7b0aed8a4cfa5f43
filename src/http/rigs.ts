import { Hono } from "hono";
import { named } from "../protocol/page.ts";
import { NewRig, RigState } from "../protocol/rig.ts";
import { body } from "./body.ts";
import { openTown, value, type App } from "./context.ts";
import { pageQuery } from "./page-query.ts";

/** `/api/towns/:town/rigs` */
export const rigs = new Hono<App>()
  .get("/:town/rigs", async (c) => {
    const query = pageQuery(c, RigState);
    return c.json(named("rigs", value(await (await openTown(c)).rigs(query))));
  })
  .post("/:town/rigs", async (c) => {
    const rig = await body(c, NewRig);
    return c.json(value(await (await openTown(c)).addRig(rig)), 201);
  })
  .delete("/:town/rigs/:rig", async (c) => {
    value(await (await openTown(c)).removeRig(c.req.param("rig")));
    return c.body(null, 204);
  });
