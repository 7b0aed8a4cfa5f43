import { Hono, type Context } from "hono";
import { AgentStatus } from "../protocol/agent.ts";
import { NewMessage } from "../protocol/message.ts";
import { named } from "../protocol/page.ts";
import { rooms } from "../rooms/rooms.ts";
import { afterQuery, body } from "./body.ts";
import { openTown, value, type App } from "./context.ts";
import { pageQuery } from "./page-query.ts";

/** One page of a transcript: `{entries, next, seq}`. With `?after`, of what changed since. */
const transcript = async (c: Context<App>, agent: string) => {
  const [after, query] = [afterQuery(c), pageQuery(c)];
  const { name } = value(await (await openTown(c)).agent(agent));
  const town = c.req.param("town") ?? "";
  const page = value(await rooms(c.env).agent(town, name).transcript(after, query));
  return c.json({ ...named("entries", page), seq: page.seq });
};

/** `/api/towns/:town/agents`, `…/mayor/messages`, `…/activity` */
export const agents = new Hono<App>()
  .get("/:town/agents", async (c) => {
    const query = pageQuery(c, AgentStatus);
    return c.json(named("agents", value(await (await openTown(c)).agents(query))));
  })
  .get("/:town/agents/:agent", async (c) =>
    c.json(value(await (await openTown(c)).agent(c.req.param("agent")))),
  )
  .get("/:town/agents/:agent/transcript", (c) => transcript(c, c.req.param("agent")))
  .get("/:town/activity", async (c) => {
    const [after, query] = [afterQuery(c) ?? 0, pageQuery(c)];
    return c.json(named("activity", value(await (await openTown(c)).activity(after, query))));
  })
  .post("/:town/mayor/messages", async (c) => {
    const message = await body(c, NewMessage);
    await openTown(c);
    return c.json(value(await rooms(c.env).agent(c.req.param("town"), "mayor").say(message)), 202);
  })
  .get("/:town/mayor/messages", (c) => transcript(c, "mayor"))
  .post("/:town/mayor/cancel", async (c) => {
    value(await (await openTown(c)).cancelTurn("mayor"));
    return c.body(null, 204);
  });
