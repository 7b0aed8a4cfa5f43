import { vi } from "vitest";
import { Agent } from "../../parties/agent.ts";
import { TownContainer } from "../../parties/town-container.ts";
import { Town } from "../../parties/town.ts";
import { User } from "../../parties/user.ts";
import { sweep } from "../../src/ledger/run-sweep.ts";

// The platform's parts that the rooms import are replaced by small ones that the scheduler drives.
vi.mock("partyserver", () => import("./platform/partyserver.ts"));
vi.mock("@cloudflare/containers", () => import("./platform/containers.ts"));
// Signing goes through threads, which no scheduler drives.
vi.mock("../../src/auth/token.ts", () => ({
  mint: async (_secret: string, claims: object) => JSON.stringify(claims),
}));
vi.mock("../../src/refusals/refuse-socket.ts", () => ({
  refuseSocket: (code: number) => ({ status: 101, closed: code }),
}));

export { Agent, sweep, Town, TownContainer, User };
