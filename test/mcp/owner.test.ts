import { beforeEach, describe, expect, it } from "vitest";
import { serveMcp } from "./client.ts";
import { CLOSING, ELSEWHERE, TOWN, World } from "./world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});

const task = { rig: "app", title: "Say hello", body: "In the README." };

describe("the owner's tools", () => {
  it("found towns and close them by the one way", async () => {
    await using mcp = await serveMcp(world);
    await using owner = await mcp.connect("owner");
    expect((await owner.call("list_towns")).data).toEqual({ towns: [], next: null });
    expect((await owner.call("found_town", { name: " New " })).data).toMatchObject({ town: { id: TOWN } });
    expect((await owner.call("close_town", { town: TOWN })).data).toMatchObject({
      town: TOWN,
      state: "closing",
      receipt: { room: "Town" },
    });
    expect(world.calls).toEqual(['foundTown "New"', `closeTown "${TOWN}" "mcp"`]);
    expect(await owner.call("close_town", { town: ELSEWHERE })).toMatchObject({
      isError: true,
      text: "You have no such town.",
    });
  });

  it.each([
    ["town_status", {}],
    ["list_rigs", {}],
    ["list_beads", {}],
    ["show_bead", { bead: "b1" }],
    ["sling", task],
    ["cancel_bead", { bead: "b1" }],
    ["retry_bead", { bead: "b1" }],
    ["add_rig", { name: "app", gitUrl: "https://example.com/app.git" }],
    ["say_to_mayor", { text: "Hello" }],
    ["read_mayor", {}],
  ])("never touch a town that is not open and theirs: %s", async (tool, args) => {
    await using mcp = await serveMcp(world);
    await using owner = await mcp.connect("owner");
    expect(await owner.call(tool, { town: ELSEWHERE, ...args })).toMatchObject({
      isError: true,
      text: "You have no such town.",
    });
    expect(await owner.call(tool, { town: CLOSING, ...args })).toMatchObject({
      isError: true,
      text: 'The town "Old" is being closed.',
    });
    expect(await owner.call(tool, { town: "../x", ...args })).toMatchObject({ isError: true });
    expect(world.calls).toEqual([`locate "${ELSEWHERE}"`, `locate "${CLOSING}"`]);
  });

  it("sling with a key, or else each time a new bead", async () => {
    await using mcp = await serveMcp(world);
    await using owner = await mcp.connect("owner");
    const sling = async (more: object) => (await owner.call("sling", { town: TOWN, ...task, ...more })).data;
    expect(await sling({ key: "k" })).toMatchObject({ bead: { id: "b1" } });
    expect(await sling({ key: "k" })).toMatchObject({ bead: { id: "b1" } });
    expect(await sling({})).toMatchObject({ bead: { id: "b2" } });
    expect(await sling({})).toMatchObject({ bead: { id: "b3" } });
    expect((await owner.call("list_beads", { town: TOWN })).data?.["beads"]).toHaveLength(3);
  });

  it("add a rig with all that the HTTP call takes", async () => {
    await using mcp = await serveMcp(world);
    await using owner = await mcp.connect("owner");
    const rig = {
      name: "app",
      gitUrl: "https://example.com/app.git",
      branch: "main",
      gates: ["npm test"],
      credential: { kind: "token", username: "me", token: "t" },
    };
    const told = await owner.call("add_rig", { town: TOWN, ...rig });
    expect(told.data).toMatchObject({ rig: { name: "app", state: "checking" } });
    expect(world.calls.at(-1)).toBe(`addRig ${JSON.stringify(rig)}`);
    const bad = await owner.call("add_rig", { town: TOWN, name: "app", gitUrl: "ftp://example.com" });
    expect(bad).toMatchObject({ isError: true, text: expect.stringContaining("must be an https") });
  });

  it("talk with the mayor, once per id", async () => {
    await using mcp = await serveMcp(world);
    await using owner = await mcp.connect("owner");
    expect((await owner.call("say_to_mayor", { town: TOWN, text: "Hello", id: "m1" })).data).toEqual({
      id: "m1",
      seq: 4,
    });
    expect(world.calls.at(-1)).toBe(`say "${TOWN}.mayor" {"id":"m1","text":"Hello"}`);
    const { data } = await owner.call("say_to_mayor", { town: TOWN, text: "Hello" });
    expect(data?.["id"]).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect((await owner.call("read_mayor", { town: TOWN })).data).toEqual({
      seq: 3,
      entries: [
        { id: 3, kind: "text", text: "text 3" },
        { id: 1, kind: "user", text: "user 1" },
      ],
      next: null,
    });
    const after = { town: TOWN, after: 3, limit: 7, cursor: "WzFd" };
    expect((await owner.call("read_mayor", after)).data).toEqual({ seq: 3, entries: [], next: null });
    expect(world.calls.at(-1)).toBe('transcript 3 {"limit":7,"cursor":"WzFd","status":null}');
  });
});
