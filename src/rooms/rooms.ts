import type { Env } from "../env.ts";
import type { Charter } from "../lifecycle/vital.ts";
import type { RoomRpc } from "./room.ts";

/** The rooms by name, a new stub at each use. */
export const rooms = (env: Pick<Env, "User" | "Town" | "Agent">) => ({
  user: (user: string) => env.User.getByName(user),
  town: (town: string) => env.Town.getByName(town),
  agent: (town: string, agent: string) => env.Agent.getByName(`${town}.${agent}`),
});
export type Rooms = ReturnType<typeof rooms>;

/** The classes of rooms; a container's object is none, since any touch of it writes. */
export const ROOM_CLASSES = ["User", "Town", "Agent"] as const;
export type RoomClass = (typeof ROOM_CLASSES)[number];

/** What all rooms answer alike, of the room of that class and name. */
export const anyRoom = (
  env: Pick<Env, RoomClass>,
  of: RoomClass,
  name: string,
): Omit<RoomRpc<Charter>, "found"> => env[of].getByName(name);
