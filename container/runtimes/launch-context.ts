import type { TurnOrder } from "../../src/protocol/container/order.ts";
import type { AgentFolders } from "../agents/folders.ts";

/** What a runtime may build its launch from. */
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
