import { Hono } from "hono";
import { rooms } from "../rooms/rooms.ts";
import { NewMessage } from "../protocol/message.ts";
import { afterQuery, body } from "./body.ts";
import { openTown, value, type App } from "./context.ts";

/** `/api/towns/:town/agents`, `…/mayor/messages`, `…/activity` */
export const agents = new Hono<App>()
  .get("/:town/agents", async (c) => c.json({ agents: value(await (await openTown(c)).agents()) }))
  .get("/:town/agents/:agent", async (c) =>
    c.json(value(await (await openTown(c)).agent(c.req.param("agent")))),
  )
  .get("/:town/agents/:agent/transcript", async (c) => {
    const after = afterQuery(c);
    const agent = value(await (await openTown(c)).agent(c.req.param("agent")));
    return c.json(value(await rooms(c.env).agent(c.req.param("town"), agent.name).transcript(after)));
  })
  .get("/:town/activity", async (c) => {
    const after = afterQuery(c);
    return c.json({ activity: value(await (await openTown(c)).activity(after)) });
  })
  .post("/:town/mayor/messages", async (c) => {
    const message = await body(c, NewMessage);
    await openTown(c);
    return c.json(value(await rooms(c.env).agent(c.req.param("town"), "mayor").say(message)), 202);
  })
  .get("/:town/mayor/messages", async (c) => {
    const after = afterQuery(c);
    await openTown(c);
    return c.json(value(await rooms(c.env).agent(c.req.param("town"), "mayor").transcript(after)));
  })
  .post("/:town/mayor/cancel", async (c) => {
    value(await (await openTown(c)).cancelTurn("mayor"));
    return c.body(null, 204);
  });
