import { useEffect, useMemo } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { browserPage } from "./page.ts";
import { createRoom, type Room, type RoomKind, type RoomState } from "./room.ts";

const NOTHING = createStore<RoomState<never>>(() => ({ data: null, link: { kind: "connecting" } }));

/** Follows the room of that name for as long as the component is there; none for `null`. */
export const useRoom = <F extends { readonly type: string }, S extends { readonly seq: number }>(
  kindOf: (name: string) => RoomKind<F, S>,
  name: string | null,
): Room<S> | null => {
  const room = useMemo(() => (name === null ? null : createRoom(kindOf(name), browserPage)), [kindOf, name]);
  useEffect(() => room?.follow(), [room]);
  return room;
};

/** A part of what a room's store holds. */
export const useRoomState = <S, T>(room: Room<S> | null, select: (state: RoomState<S>) => T): T =>
  useStore(room?.store ?? NOTHING, select);
