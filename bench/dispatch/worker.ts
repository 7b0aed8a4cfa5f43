// The Worker with its real rooms, and two ways to ask for the least: one RPC, one request to the container.
import { TownContainer as RealTownContainer } from "../../parties/town-container.ts";
import type { Env, Objects } from "../../src/env.ts";
import { rooms } from "../../src/rooms/rooms.ts";
import worker from "../../src/worker.ts";

export { Agent } from "../../parties/agent.ts";
export { Town } from "../../parties/town.ts";
export { User } from "../../parties/user.ts";
export { ContainerProxy } from "../../src/worker.ts";

export class TownContainer extends RealTownContainer {
  /** One request to the container, as an order is sent, and nothing else. */
  async bare(): Promise<void> {
    const response = await this.containerFetch("http://container/bare", { method: "POST", body: "{}" }, 8080);
    await response.text();
  }
}

const least = async (what: string, town: string, env: Env): Promise<Response> => {
  if (what === "rpc") await rooms(env).town(town).mayRun(0);
  else await (env.TownContainer as Objects<unknown> as Objects<TownContainer>).getByName(town).bare();
  return new Response("done");
};

type Fetch = typeof worker.fetch;

export default {
  ...worker,
  fetch: (...[request, env, ctx]: Parameters<Fetch>): Response | Promise<Response> => {
    const [, bench, what = "", town = ""] = new URL(request.url).pathname.split("/");
    return bench === "bench" ? least(what, town, env) : worker.fetch(request, env, ctx);
  },
};
