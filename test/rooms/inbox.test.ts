import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Entry } from "../../src/protocol/entry.ts";
import { call, callTool } from "./ask.ts";
import { ring, ringUntil, takeClock } from "./clock.ts";
import { dial, ofRun, ordered, ordersOf } from "./played-container.ts";
import { room } from "./rooms.ts";
import { idleTown, townWithRig } from "./scenes.ts";
import { soon } from "./soon.ts";
import { rows } from "./stored.ts";
import { Town } from "./worker.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const say = (town: string, id: string, text = "Hello?") =>
  call<{ seq: number }>("POST", `/api/towns/${town}/mayor/messages`, { id, text });

/** As the page shows it: by place, not by last change. */
const transcript = async (town: string): Promise<Entry[]> => {
  const { body } = await call<{ entries: Entry[] }>("GET", `/api/towns/${town}/mayor/messages`);
  return body.entries.toSorted((a, b) => a.id - b.id);
};

const mayor = (town: string) => room.agent(town, "mayor");

const inbox = (town: string) => rows(mayor(town), "SELECT id FROM inbox");

describe("a message to the mayor", () => {
  it("M1: is stored before it is acknowledged; the same id is the same message and one turn", async () => {
    const town = await idleTown();
    const first = await say(town, "m1");
    expect(first.status).toBe(202);
    expect(await say(town, "m1", "sent again")).toEqual(first);
    await ordered(town, "turn");
    expect(await transcript(town)).toMatchObject([
      { kind: "user", message: "m1", text: "Hello?", state: "delivered" },
    ]);
    expect(await ordersOf(town, "turn")).toHaveLength(1);
  });

  it("M2: is not stored where the alarm that hands it over can't be set: both or neither", async () => {
    const town = await idleTown();
    vi.spyOn(console, "error").mockImplementation(() => {});
    await runInDurableObject(mayor(town), (_agent, { storage }) => {
      storage.setAlarm = () => {
        throw new Error("no alarm");
      };
    });
    expect((await say(town, "m1")).status).toBe(500);
    expect(await inbox(town)).toEqual([]);
    expect(await transcript(town)).toEqual([]);

    await evictDurableObject(mayor(town));
    expect((await say(town, "m1")).status).toBe(202);
    await ordered(town, "turn");
  });

  it("M2: is handed over by the alarm when its room is lost before it has done so", async () => {
    const town = await idleTown();
    takeClock();
    vi.spyOn(Town.prototype, "take").mockRejectedValueOnce(new Error("the town was reset"));
    await say(town, "m1");
    expect(await inbox(town)).toEqual([{ id: "m1" }]);
    await evictDurableObject(mayor(town));
    expect(await ordersOf(town, "turn")).toEqual([]);

    await ring(mayor(town));
    await ordered(town, "turn");
    expect(await inbox(town)).toEqual([]);
    expect((await mayor(town).probe()).alarm).toBeNull();
  });

  it("M3: is one turn even if the town's answer was lost and it is handed over again", async () => {
    const town = await idleTown();
    takeClock();
    const { take } = Town.prototype;
    vi.spyOn(Town.prototype, "take").mockImplementationOnce(async function (this: Town, message) {
      await take.call(this, message);
      throw new Error("the answer was lost");
    });
    await say(town, "m1");
    await soon(async () => {
      const { alarm, wake } = await mayor(town).probe();
      expect(wake).toEqual({ at: alarm, why: "a message waits for the town" });
    });
    await ring(mayor(town));
    expect(await inbox(town)).toEqual([]);
    await ordered(town, "turn");
    expect(await rows(room.town(town), "SELECT id FROM messages")).toEqual([{ id: "m1" }]);
    expect(await ordersOf(town, "turn")).toHaveLength(1);
  });

  it("M3, M4: waits while another is being answered; then each is a turn of its own, in order", async () => {
    const town = await idleTown();
    for (const id of ["m1", "m2", "m3"]) await say(town, id, `This is ${id}`);
    const first = await ordered(town, "turn");
    const container = await dial(town, { runs: [ofRun(first)] });
    for (let n = 1; n <= 3; n += 1) {
      const turn = await ordered(town, "turn", n);
      expect(turn).toMatchObject({ message: `m${n}`, process: first.process });
      expect(await ordersOf(town, "turn")).toHaveLength(n);
      await container.tell({
        type: "turned",
        ...ofRun(turn),
        agent: "mayor",
        result: { outcome: "talked" },
      });
    }
    await soon(async () =>
      expect((await transcript(town)).map((entry) => "state" in entry && entry.state)).toEqual([
        "done",
        "done",
        "done",
      ]),
    );
  });

  it("M4: a turn that is lost with its container is tried again; the message stays there once", async () => {
    const town = await idleTown();
    await say(town, "m1");
    const first = await ordered(town, "turn");
    await dial(town, { runs: [ofRun(first)] });
    await room.town(town).containerStopped(1, { running: false, exitCode: 137, reason: "exit 137" });
    takeClock();
    await ringUntil(room.town(town), async () => expect(await ordersOf(town, "turn")).toHaveLength(2));
    const second = await ordered(town, "turn", 2);
    expect(second).toMatchObject({ message: "m1" });
    expect(second.fence).toBeGreaterThan(first.fence);
    await soon(async () =>
      expect(await transcript(town)).toMatchObject([
        { kind: "user", message: "m1", state: "delivered" },
        { kind: "notice", text: "The container ended (exit 137). It is tried again." },
      ]),
    );
  });
});

describe("a turn that is replayed", () => {
  /** The mayor's tool `sling`, as its process calls it. */
  const slingAs = async (token: string): Promise<string> => {
    const response = await callTool(token, "sling", { rig: "repo", title: "Say hello", body: "" });
    return response.text();
  };

  it("hole (i): is told so, and slings only once what it has slung before it was cut off", async () => {
    const { town } = await townWithRig();
    takeClock(0);
    await call("PATCH", `/api/towns/${town}`, { model: { baseUrl: "https://model.example/v1", model: "m" } });
    const turns = async () => (await ordersOf(town, "turn")).filter(({ agent }) => agent === "mayor");
    await say(town, "m1", "Let them say hello.");
    const [first] = await soon(async () => {
      expect(await turns()).toHaveLength(1);
      return turns();
    });
    expect(first?.prompt).not.toContain("delivered again");
    expect(await slingAs(first?.token ?? "")).toContain('"b1');

    await dial(town, { boot: "another" });
    const [, again] = await ringUntil(room.town(town), async () => {
      expect(await turns()).toHaveLength(2);
      return turns();
    });
    expect(again?.message).toBe("m1");
    expect(again?.prompt).toContain("delivered again");
    expect(await slingAs(again?.token ?? "")).toContain('"b1');
    const { body } = await call<{ beads: unknown[] }>("GET", `/api/towns/${town}/beads`);
    expect(body.beads).toHaveLength(1);
  });
});
