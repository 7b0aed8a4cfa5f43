import type { Env } from "./env.ts";
import { createApp } from "./http/app.ts";
import { sweep } from "./ledger/run-sweep.ts";

export { Agent } from "../parties/agent.ts";
export { Town } from "../parties/town.ts";
export { ContainerProxy, TownContainer } from "../parties/town-container.ts";
export { User } from "../parties/user.ts";

let app: ReturnType<typeof createApp> | null = null;

export default {
  fetch(request, env, ctx) {
    app ??= createApp(env);
    return app.fetch(request, env, ctx);
  },
  async scheduled(_event, env) {
    await sweep(env);
  },
} satisfies ExportedHandler<Env>;
