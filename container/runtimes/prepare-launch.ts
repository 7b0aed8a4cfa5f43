import type { TurnOrder } from "../../src/protocol/container/order.ts";
import type { Launch } from "../agents/launch.ts";
import { command } from "./command.ts";
import type { LaunchContext } from "./launch-context.ts";
import { opencode } from "./opencode.ts";
import { script } from "./script.ts";

/** Prepares the agent's home for its runtime, and says how to start it. */
export const prepareLaunch = (
  runtime: TurnOrder["runtime"],
  context: LaunchContext,
): Promise<Launch> | Launch => {
  switch (runtime.kind) {
    case "script":
      return script(context);
    case "opencode":
      return opencode(runtime.model, context);
    case "command":
      return command(runtime.command, runtime.model, context);
  }
};
