import type { TurnOrder } from "../../src/protocol/container/order.ts";
import type { AgentFolders } from "../agents/folders.ts";

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
