import type { TurnOrder } from "../../src/protocol/container/order.ts";
import type { AgentFolders } from "../agents/folders.ts";
import { command } from "./command.ts";
import { opencode } from "./opencode.ts";
import { script } from "./script.ts";

/** How to start an agent's process. Secrets are in `env` only, where other users can't read them. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What a runtime may build its {@link Launch} from. */
export interface LaunchContext {
  readonly role: TurnOrder["role"];
  /** The agent's own bearer token, for the model proxy. */
  readonly token: string;
  /** The Worker's address. */
  readonly url: string;
  readonly folders: AgentFolders;
  /** What every runtime gets. */
  readonly env: Readonly<Record<string, string>>;
}

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
