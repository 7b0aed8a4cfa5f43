import { AgentFrame } from "../../src/protocol/browser/agent-frame.ts";
import { TownFrame } from "../../src/protocol/browser/town-frame.ts";
import { UserFrame } from "../../src/protocol/browser/user-frame.ts";
import type { TownId, UserId } from "../../src/protocol/primitives.ts";
import { reduceAgent, type Transcript } from "./reduce-agent.ts";
import { reduceTown, type TownView } from "./reduce-town.ts";
import { reduceUser, type UserView } from "./reduce-user.ts";
import type { RoomKind } from "./room.ts";

/** The person's towns. */
export const userRoom = (user: UserId): RoomKind<UserFrame, UserView> => ({
  path: `/parties/user/${user}`,
  frame: UserFrame,
  reduce: reduceUser,
});

/** One town. */
export const townRoom = (town: TownId): RoomKind<TownFrame, TownView> => ({
  path: `/parties/town/${town}`,
  frame: TownFrame,
  reduce: reduceTown,
});

/** One agent's transcript; the room's name is `<town>.<agent>`. */
export const agentRoom = (name: string): RoomKind<AgentFrame, Transcript> => ({
  path: `/parties/agent/${name}`,
  frame: AgentFrame,
  reduce: reduceAgent,
});
