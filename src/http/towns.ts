import { Hono, type Context } from "hono";
import { keptOut, NO_SUCH_TOWN } from "../auth/enter.ts";
import { rooms } from "../rooms/rooms.ts";
import { named } from "../protocol/page.ts";
import { Refusal } from "../protocol/problem.ts";
import { receiptPath } from "../protocol/receipt.ts";
import { NewTown, SettingsPatch } from "../protocol/settings.ts";
import { TownState } from "../protocol/town.ts";
import { verify } from "../verify.ts";
import { body } from "./body.ts";
import { closingTown } from "./closing-town.ts";
import { locate, openTown, refusalOf, value, type App } from "./context.ts";
import { pageQuery } from "./page-query.ts";

/**
 * What a newer build has written, this one can't end: said before the owner is told to close it. Of a town
 * that can't be asked nothing is known, and it is closed.
 *
 * @throws Refusal `unavailable`
 */
const refuseNewer = async (c: Context<App>, town: string): Promise<void> => {
  const probed = await rooms(c.env)
    .town(town)
    .probe()
    .catch(() => null);
  if (probed?.schema?.standing !== "newer") return;
  if ((await locate(c)).state === "open") throw new Refusal("unavailable", probed.schema.shut ?? "");
};

/** `/api/towns` and `/api/towns/:town`. */
export const towns = new Hono<App>()
  .get("/", async (c) => {
    const query = pageQuery(c, TownState);
    return c.json(named("towns", value(await rooms(c.env).user(c.get("user")).towns(query))));
  })
  .post("/", async (c) => {
    const { name } = await body(c, NewTown);
    return c.json(value(await rooms(c.env).user(c.get("user")).foundTown(name)), 201);
  })
  .get("/:town", async (c) => {
    const town = c.req.param("town");
    const located = await locate(c);
    if (located.state === "closing") return c.json(closingTown(town, located));
    const problem = keptOut(town, located);
    if (problem !== null) throw refusalOf(problem);
    return c.json(value(await rooms(c.env).town(town).describe()));
  })
  .patch("/:town", async (c) => {
    const patch = await body(c, SettingsPatch);
    return c.json(value(await (await openTown(c)).configure(patch)));
  })
  .delete("/:town", async (c) => {
    const town = c.req.param("town");
    await refuseNewer(c, town);
    const closed = value(await rooms(c.env).user(c.get("user")).closeTown(town, "closed by its owner"));
    if (closed === null) throw refusalOf(NO_SUCH_TOWN);
    return c.json({ receipt: receiptPath(town) }, 202);
  })
  .get("/:town/receipt", async (c) => {
    const located = await locate(c);
    if (located.state === "open" || located.state === "founding")
      throw new Refusal("not-found", "The town lives: there is no receipt.");
    const { name, receipt, waitsFor } = located;
    const known = { name, ...receipt, ...(waitsFor !== undefined && { waitsFor }) };
    if (c.req.query("verify") !== "1") return c.json(known);
    return c.json({ ...known, verified: await verify(c.env, c.req.param("town"), receipt) });
  });
