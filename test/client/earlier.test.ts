import { describe, expect, it } from "vitest";
import { createStore } from "zustand/vanilla";
import { loadEarlier } from "../../client/state/earlier.ts";
import { type Transcript, withEarlier } from "../../client/state/reduce-agent.ts";
import type { Room, RoomState } from "../../client/state/room.ts";
import { AgentWorld } from "./agent-world.ts";

const ALL = 25;

const world = new AgentWorld();
for (let place = 0; place < ALL; place += 1) world.happen({ does: "writes", text: `${place}` });

/** A page that has the last `count` entries; a cursor is the id of the first that it has. */
const roomWithLast = (count: number): Room<Transcript> => ({
  store: createStore<RoomState<Transcript>>(() => ({
    data: { seq: world.seq, entries: world.entries.slice(-count), earlier: `${ALL - count}` },
    link: { kind: "live" },
  })),
  follow: () => () => {},
});

const pageAt = async (cursor: string) => {
  const first = Math.max(0, Number(cursor) - 10);
  const items = world.entries.slice(first, Number(cursor)).toReversed();
  return { items, next: first === 0 ? null : `${first}` };
};

describe("loading what came earlier", () => {
  it("takes one page at a time, until there is nothing before it", async () => {
    const room = roomWithLast(5);
    for (const entries of [15, 25]) {
      await loadEarlier(room, pageAt, withEarlier);
      expect(room.store.getState().data?.entries).toEqual(world.entries.slice(-entries));
    }
    expect(room.store.getState().data).toEqual({ seq: ALL, entries: world.entries, earlier: null });
    await loadEarlier(room, () => Promise.reject(new Error("asked once more")), withEarlier);
  });

  it("leaves a transcript alone that came anew while the page was on its way", async () => {
    const room = roomWithLast(5);
    const anew = { seq: ALL, entries: world.entries.slice(-2), earlier: "23" };
    await loadEarlier(
      room,
      (cursor) => {
        room.store.setState({ data: anew });
        return pageAt(cursor);
      },
      withEarlier,
    );
    expect(room.store.getState().data).toEqual(anew);
  });
});
