import { afterEach, describe, expect, it, vi } from "vitest";
import type { Bead } from "../../src/protocol/bead.ts";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import type { AgentDown } from "../../src/protocol/container/agent-up.ts";
import type { TownDown, TownEvent } from "../../src/protocol/container/town-up.ts";
import type { Entry } from "../../src/protocol/entry.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import { call } from "./ask.ts";
import { BASE, COMMIT, containerToken, dial, dialAgent, ofRun, ordered } from "./played-container.ts";
import { room } from "./rooms.ts";
import { hasTold, sling, townWithRig } from "./scenes.ts";
import { openSocket } from "./socket.ts";
import { soon } from "./soon.ts";
import { stored } from "./stored.ts";

afterEach(() => vi.restoreAllMocks());

const MERGE = "c".repeat(40);

const bead = async (town: string, id = "b1"): Promise<Bead> =>
  (await call<Bead>("GET", `/api/towns/${town}/beads/${id}`)).body;

/** A town whose polecat-1 is at work on b1, in its container's life 1. */
const atWork = async () => {
  const { town, container } = await townWithRig();
  await sling(town);
  const turn = await ordered(town, "turn");
  const token = await containerToken(town, 1);
  return { town, container, turn, token, path: `/parties/town/${town}` };
};

const done = (turn: { runId: string; fence: number; agent: string }): TownEvent => ({
  type: "turned",
  ...ofRun(turn),
  agent: turn.agent,
  result: {
    outcome: "done",
    commit: COMMIT,
    base: BASE,
    diff: { text: "", truncated: false, files: 0, insertions: 0, deletions: 0 },
    summary: "",
  },
});

const hello = (life = 1, boot = "boot", version = PROTOCOL_VERSION) => ({
  type: "hello",
  version,
  boot,
  life,
  runs: [],
});

describe("who may speak as a town's container", () => {
  it("C13: another protocol version is closed with 4426, by the town and by an agent's room", async () => {
    const { town, token, path } = await atWork();
    for (const address of [path, `/parties/agent/${town}.polecat-1`]) {
      const socket = await openSocket(address, { token });
      socket.send(hello(1, "boot", PROTOCOL_VERSION + 1));
      expect(await socket.closed).toMatchObject({ code: CloseCode.tooOld });
    }
    // Its run doesn't wait for a lease: it is lost, and nobody's fault.
    await soon(async () => expect(await bead(town)).toMatchObject({ status: "open", attempts: 0 }));
  });

  it.for([
    ["no JSON", "hello!"],
    ["no frame of the protocol", { type: "event", n: "one" }],
  ] as const)("what is %s is closed with 4400", async ([, frame]) => {
    const { town, token, path } = await atWork();
    for (const address of [path, `/parties/agent/${town}.polecat-1`]) {
      const socket = await openSocket(address, { token });
      socket.send(frame);
      expect(await socket.closed).toMatchObject({ code: CloseCode.badMessage });
    }
  });

  it("C2: a life that is over, or that never was, is closed with 4410", async () => {
    const { town, path } = await atWork();
    for (const life of [2, 7]) {
      const socket = await openSocket(path, { token: await containerToken(town, life) });
      expect(await socket.closed).toMatchObject({ code: CloseCode.gone });
    }
    await room.town(town).containerStopped(1, { running: false, exitCode: 0, reason: "exit 0" });
    const late = await openSocket(path, { token: await containerToken(town, 1) });
    expect(await late.closed).toMatchObject({ code: CloseCode.gone });
  });

  it("C2: a socket of an earlier life changes nothing, whatever life it says it is", async () => {
    const { town, container } = await atWork();
    const agent = (await dialAgent(town, "polecat-1")).socket;
    await room.town(town).containerStopped(1, { running: false, exitCode: 137, reason: "exit 137" });
    await call("POST", `/api/towns/${town}/beads/b1/retry`);
    const again = await ordered(town, "turn", 2);
    await hasTold(town);
    const before = await stored(room.town(town));

    container.socket.send(hello(2, "an impostor"));
    expect(await container.socket.closed).toMatchObject({ code: CloseCode.gone });
    expect(await stored(room.town(town))).toEqual(before);
    agent.send(hello(2, "an impostor"));
    expect(await agent.closed).toMatchObject({ code: CloseCode.gone });

    const present = await dial(town, { life: 2, boot: "second", runs: [ofRun(again)] });
    await present.tell(done(again));
    expect(await bead(town)).toMatchObject({ status: "in_review", commit: COMMIT });
  });

  it("C2: a new connection of the same life replaces the one before it", async () => {
    const { town, container, turn } = await atWork();
    const next = await dial(town, { runs: [ofRun(turn)], n: 1 });
    expect(await container.socket.closed).toMatchObject({ code: 1000, reason: "replaced" });
    await next.tell(done(turn));
    expect((await bead(town)).status).toBe("in_review");
  });
});

describe("what the container tells", () => {
  it("W8: an event that comes again changes nothing and is acknowledged again", async () => {
    const { town, container, turn } = await atWork();
    await container.tell(done(turn));
    await ordered(town, "merge");
    await hasTold(town);
    const before = await stored(room.town(town));
    const again = { type: "event", boot: "boot", n: 2, event: done(turn) } as const;
    container.send(again);
    expect(await container.socket.until<TownDown>(({ type }) => type === "ack")).toEqual({
      type: "ack",
      n: 2,
    });
    expect(await stored(room.town(town))).toEqual(before);
  });

  it("W8: an event that comes before its turn is not taken; the container begins anew behind the last one", async () => {
    const { town, container, turn } = await atWork();
    container.send({ type: "event", boot: "boot", n: 3, event: done(turn) });
    expect(await container.socket.closed).toMatchObject({ code: CloseCode.tryAgain });
    expect((await bead(town)).status).toBe("in_progress");
    const socket = await openSocket(`/parties/town/${town}`, { token: await containerToken(town, 1) });
    socket.send(hello());
    expect(await socket.next()).toMatchObject({ type: "welcome", after: 1 });
  });

  it("W7: an intent to push is recorded before the container may push, and asked again it is said again", async () => {
    const { town, container, turn } = await atWork();
    await container.tell(done(turn));
    const merge = await ordered(town, "merge");
    const intent = { type: "intent", ...ofRun(merge), commit: MERGE, onto: BASE } as const;
    for (const n of [3, 4]) {
      container.send({ type: "event", boot: "boot", n, event: intent });
      expect(await container.socket.until<TownDown>(({ type }) => type === "recorded")).toEqual({
        type: "recorded",
        runId: merge.runId,
        commit: MERGE,
      });
      expect((await stored(room.town(town))).tables["beads"]).toMatchObject([{ intent_commit: MERGE }]);
    }
  });

  it("W1: a result with another fence than the open run's changes nothing", async () => {
    const { town, container, turn } = await atWork();
    await container.tell(done({ ...turn, fence: turn.fence + 1 }));
    expect(await bead(town)).toMatchObject({ status: "in_progress", commit: null });
  });

  it("M6: a polecat's room hears nothing more of a run that was lost, and says why it was", async () => {
    const { town, turn } = await atWork();
    const agent = await dialAgent(town, "polecat-1");
    await agent.tell(turn, { type: "text", id: "t1", append: "On it." });
    await room.town(town).containerStopped(1, { running: false, exitCode: 137, reason: "exit 137" });
    const transcript = async () =>
      // Newest first, as every list.
      (
        await call<{ entries: Entry[] }>("GET", `/api/towns/${town}/agents/polecat-1/transcript`)
      ).body.entries.toReversed();
    const seen = [
      { kind: "text", text: "On it." },
      { kind: "notice", text: "The container ended (exit 137)." },
    ];
    await soon(async () => expect(await transcript()).toMatchObject(seen));
    await agent.tell(turn, { type: "text", id: "t1", append: " Too late." });
    expect(await transcript()).toMatchObject(seen);
  });

  it("M5: an agent's socket is welcomed with what its room has, and each event is acknowledged", async () => {
    const { town, turn, token } = await atWork();
    const first = await dialAgent(town, "polecat-1");
    await first.tell(turn, { type: "text", id: "t1", append: "One" });
    first.socket.close();
    const socket = await openSocket(`/parties/agent/${town}.polecat-1`, { token });
    socket.send(hello());
    expect(await socket.next()).toEqual({
      type: "welcome",
      version: PROTOCOL_VERSION,
      after: 1,
    } satisfies AgentDown);
  });
});
