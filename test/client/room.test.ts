import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { agentRoom } from "../../client/state/rooms.ts";
import type { Transcript } from "../../client/state/reduce-agent.ts";
import { wantsReload } from "../../client/state/link.ts";
import { createRoom, type Room, type RoomState } from "../../client/state/room.ts";
import type { AgentFrame } from "../../src/protocol/browser/agent-frame.ts";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import { AgentWorld } from "./agent-world.ts";
import { fakePage } from "./fake-page.ts";
import { type RoomServer, startRoomServer } from "./room-server.ts";

const NAME = `t${"a".repeat(20)}.mayor`;
const PATH = `/parties/agent/${NAME}?version=${PROTOCOL_VERSION}`;

let server: RoomServer;
const end: (() => void)[] = [];

beforeEach(async () => {
  server = await startRoomServer();
});
afterEach(async () => {
  for (const stop of end.splice(0)) stop();
  await server[Symbol.asyncDispose]();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const follow = () => {
  const page = fakePage(server.origin);
  const room = createRoom(agentRoom(NAME), page);
  end.push(room.follow());
  return { page, room };
};

/** Resolves once the room's state is as wanted. */
const until = (room: Room<Transcript>, wanted: (state: RoomState<Transcript>) => boolean) =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (wanted(room.store.getState())) resolve();
    };
    room.store.subscribe(look);
    look();
  });

const kind = (room: Room<Transcript>) => room.store.getState().link.kind;

describe("following a room", () => {
  it("is live with the first snapshot, stale while the socket is gone, and resumes from its last frame", async () => {
    const world = new AgentWorld();
    world.happen({ does: "writes", text: "Hel" });
    const { room } = follow();
    expect(kind(room)).toBe("connecting");

    const first = await server.visit();
    expect(first.url).toBe(PATH);
    first.send(world.snapshot(null));
    first.send(world.happen({ does: "goes on", text: "lo" }));
    await until(room, ({ data }) => data?.seq === 2);
    expect(kind(room)).toBe("live");

    first.cut();
    await until(room, ({ link }) => link.kind === "stale");
    expect(room.store.getState()).toMatchObject({ data: { seq: 2 }, link: { since: 1000 } });

    world.happen({ does: "goes on", text: ", you" });
    const second = await server.visit();
    expect(second.url).toBe(`${PATH}&after=2`);
    second.send(world.snapshot(2));
    await until(room, ({ link }) => link.kind === "live");
    expect(room.store.getState().data?.entries).toMatchObject([{ id: 0, text: "Hello, you" }]);
  });

  it("connects again from the last good frame when one is missing, and asks for everything if that doesn't help", async () => {
    const world = new AgentWorld();
    world.happen({ does: "writes", text: "a" });
    const { room } = follow();
    const first = await server.visit();
    first.send(world.snapshot(null));
    world.happen({ does: "goes on", text: "b" });
    const missed = world.happen({ does: "goes on", text: "c" }) as AgentFrame;
    first.send(missed);

    const second = await server.visit();
    expect(second.url).toBe(`${PATH}&after=1`);
    second.send({ ...world.snapshot(1), seq: 1, entries: [] });
    second.send(missed);

    const third = await server.visit();
    expect(third.url).toBe(PATH);
    third.send(world.snapshot(null));
    await until(room, ({ data }) => data?.seq === 3);
    expect(room.store.getState().data?.entries).toMatchObject([{ text: "abc" }]);
  });

  it("connects anew when the page wakes and the socket is silent", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval"] });
    const { page, room } = follow();
    await vi.advanceTimersByTimeAsync(1);
    (await server.visit()).send(new AgentWorld().snapshot(null));
    await until(room, ({ link }) => link.kind === "live");
    page.wake();
    await vi.advanceTimersByTimeAsync(5_000);
    await vi.advanceTimersByTimeAsync(1);
    expect((await server.visit()).url).toBe(`${PATH}&after=0`);
  });

  it.each([
    [CloseCode.gone, { kind: "ended", code: CloseCode.gone }],
    [CloseCode.notFound, { kind: "ended", code: CloseCode.notFound }],
    [CloseCode.whoAreYou, { kind: "ended", code: CloseCode.whoAreYou }],
    [CloseCode.tooOld, { kind: "outdated" }],
  ] as const)("stops for good at close code %i", async (code, ended) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval"] });
    const connect = vi.spyOn(globalThis, "WebSocket");
    const { page, room } = follow();
    await vi.advanceTimersByTimeAsync(1);
    (await server.visit()).close(code);
    await until(room, ({ link }) => link.kind === ended.kind);
    expect(room.store.getState().link).toEqual(ended);
    expect(wantsReload(ended)).toBe(code === CloseCode.tooOld);
    page.wake();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(connect).toHaveBeenCalledTimes(1);
  });

  it("tries again when it is asked to", async () => {
    const { room } = follow();
    (await server.visit()).close(CloseCode.tryAgain);
    (await server.visit()).send(new AgentWorld().snapshot(null));
    await until(room, ({ data }) => data !== null);
    expect(kind(room)).toBe("live");
  });

  it.each([
    ["another version", { ...new AgentWorld().snapshot(null), version: 99 }],
    ["frames that it doesn't know", { type: "novelty", seq: 1 }],
  ])("asks for a reload when the server speaks %s", async (_, frame) => {
    const { room } = follow();
    (await server.visit()).send(frame);
    await until(room, ({ link }) => link.kind === "outdated");
    expect(room.store.getState().data).toBeNull();
  });
});
