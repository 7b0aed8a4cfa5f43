// The Worker with its real rooms, each of which is counted, and with the real library above a machine that is played.
import { Agent as RealAgent } from "../../parties/agent.ts";
import { Town as RealTown } from "../../parties/town.ts";
import { TownContainer as RealTownContainer } from "../../parties/town-container.ts";
import { User as RealUser } from "../../parties/user.ts";
import type { Env } from "../../src/env.ts";
import { machineOf } from "./machine.ts";
import { meter } from "./meter.ts";

export { ContainerProxy, default } from "../../src/worker.ts";

const ROOM = {
  alarm: "alarms",
  fetch: "requests",
  webSocketMessage: "socketMessages",
  webSocketClose: null,
  found: "requests",
  destroy: "requests",
} as const;

const requests = (...names: string[]): Record<string, "requests"> =>
  Object.fromEntries(names.map((name) => [name, "requests"]));

export class User extends RealUser {
  constructor(ctx: DurableObjectState, env: Env) {
    meter.attach("user", ctx);
    super(ctx, env);
  }
}
meter.wrap("user", User, {
  ...ROOM,
  ...requests("towns", "foundTown", "locate", "closeTown", "noteReceipt", "noteSummary"),
});

export class Town extends RealTown {
  constructor(ctx: DurableObjectState, env: Env) {
    meter.attach("town", ctx);
    super(ctx, env);
    // The runtime keeps the times of pings by its own clock.
    ctx.getWebSocketAutoResponseTimestamp = () => machineOf(ctx.id.name ?? "").lastPingAt();
  }
}
meter.wrap("town", Town, {
  ...ROOM,
  ...requests(
    "describe",
    "configure",
    "addRig",
    "rigs",
    "removeRig",
    "sling",
    "beads",
    "bead",
    "agents",
    "agent",
  ),
  ...requests("activity", "take", "identify", "admit", "settle", "containerStopped", "mayRun"),
});

export class Agent extends RealAgent {
  constructor(ctx: DurableObjectState, env: Env) {
    meter.attach("agent", ctx);
    super(ctx, env);
  }
}
meter.wrap("agent", Agent, { ...ROOM, ...requests("say", "transcript", "told", "history") });

export class TownContainer extends RealTownContainer {
  constructor(ctx: DurableObjectState<object>, env: Env) {
    meter.attach("container", ctx);
    Object.defineProperty(ctx, "container", { value: machineOf(ctx.id.name ?? "").port });
    super(ctx, env);
  }
  // The library's handler waits for minutes: it counts as an alarm, not as work under way.
  override alarm(...about: Parameters<RealTownContainer["alarm"]>): Promise<void> {
    meter.tallies.container.alarms += 1;
    return super.alarm(...about);
  }
}
meter.wrap("container", TownContainer, requests("order", "cancelRun", "halt", "kill", "purge"));
