import { describe, expect, it } from "vitest";
import { createStore } from "zustand/vanilla";
import { loadEarlier } from "../../client/state/earlier.ts";
import type { Transcript } from "../../client/state/reduce-agent.ts";
import type { Room, RoomState } from "../../client/state/room.ts";
import { AgentWorld } from "./agent-world.ts";

const ALL = 25;

const world = new AgentWorld();
for (let place = 0; place < ALL; place += 1) world.happen({ does: "writes", text: `${place}` });

const roomWithLast = (count: number): Room<Transcript> => ({
  store: createStore<RoomState<Transcript>>(() => ({
    data: { seq: world.seq, entries: world.entries.slice(-count), cut: true },
    link: { kind: "live" },
  })),
  follow: () => () => {},
});

describe("loading what came earlier", () => {
  it("pages from the start until it meets what is there", async () => {
    const room = roomWithLast(5);
    await loadEarlier(room, async (after) => {
      const entries = world.entries.filter(({ seq }) => seq > after).slice(0, 10);
      return { seq: entries.at(-1)?.seq ?? after, entries };
    });
    expect(room.store.getState().data).toEqual({ seq: ALL, entries: world.entries, cut: false });
  });

  it("stops when the server has no more to give", async () => {
    const room = roomWithLast(5);
    const asked: number[] = [];
    await loadEarlier(room, async (after) => {
      asked.push(after);
      return { seq: after, entries: [] };
    });
    expect(asked).toEqual([0]);
    expect(room.store.getState().data?.entries).toHaveLength(5);
  });
});
