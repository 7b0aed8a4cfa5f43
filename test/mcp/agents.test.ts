import { beforeEach, describe, expect, it, vi } from "vitest";
import { MAYOR, POLECAT, serveMcp } from "./client.ts";
import { TOWN, World } from "./world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});

const turn = (message: string | null, runId = "r1") => {
  world.acting.set("p-mayor", { runId, fence: 1, message, bead: null });
};

/** The polecat works on `bead`. */
const works = (bead: string | null) => {
  world.acting.set("p-1", { runId: "r7", fence: 2, message: null, bead });
};

const task = { rig: "app", title: "Say hello", body: "In the README." };

describe("the mayor's tools", () => {
  it("work only while its process has a live run", async () => {
    await using mcp = await serveMcp(world);
    await using mayor = await mcp.connect(MAYOR);
    for (const [tool, args] of [
      ["sling", task],
      ["town_status", {}],
      ["cancel_bead", { bead: "b1" }],
    ] as const) {
      expect(await mayor.call(tool, args)).toEqual({
        isError: true,
        text: "The process has no live run.",
        data: undefined,
      });
    }
    expect(world.calls.filter((call) => !call.startsWith("town "))).toEqual([]);
    turn("m1");
    expect((await mayor.call("town_status")).isError).toBe(false);
    world.acting.clear();
    expect((await mayor.call("town_status")).isError).toBe(true);
  });

  it("sling a bead, and answer with it as JSON in both forms", async () => {
    turn("m1");
    await using mcp = await serveMcp(world);
    await using mayor = await mcp.connect(MAYOR);
    const told = await mayor.call("sling", task);
    expect(told.isError).toBe(false);
    expect(told.data).toMatchObject({ bead: { id: "b1", ...task } });
    expect(JSON.parse(told.text)).toEqual(told.data);
  });

  it("hole (i): sling one bead for one task of one message, however often the turn is replayed", async () => {
    await using mcp = await serveMcp(world);
    await using mayor = await mcp.connect(MAYOR);
    const sling = async (args: typeof task) => {
      const { data } = await mayor.call("sling", args);
      return (data as { bead: { id: string } }).bead.id;
    };
    turn("m1", "r1");
    expect(await sling(task)).toBe("b1");
    expect(await sling({ ...task, body: "Elsewhere." })).toBe("b2");
    turn("m1", "r2");
    expect(await sling({ ...task, title: " Say hello " })).toBe("b1");
    turn("m2", "r3");
    expect(await sling(task)).toBe("b3");
    turn(null, "r4");
    expect(await sling(task)).toBe("b4");
    expect(await sling(task)).toBe("b4");
    turn(null, "r5");
    expect(await sling(task)).toBe("b5");
  });

  it("can't be told a key, nor another town", async () => {
    turn("m1");
    await using mcp = await serveMcp(world);
    await using mayor = await mcp.connect(MAYOR);
    for (const more of [{ key: "mine" }, { town: `t${"z".repeat(20)}` }]) {
      expect(await mayor.call("sling", { ...task, ...more })).toMatchObject({ isError: true });
    }
    expect(world.calls.some((call) => call.startsWith("sling"))).toBe(false);
    expect(new Set(world.calls)).toEqual(new Set([`town "${TOWN}"`]));
  });

  it.each([
    ["an unknown rig", { ...task, rig: "none" }, "The town has no rig none."],
    ["an empty title", { ...task, title: "  " }, "must not be empty"],
    ["no title", { rig: "app" }, "title"],
    ["a bad name", { ...task, rig: "../x" }, "a rig's name is"],
    ["a wrong type", { ...task, body: 7 }, "body"],
  ])("say what is wrong with %s", async (_, args, text) => {
    turn("m1");
    await using mcp = await serveMcp(world);
    await using mayor = await mcp.connect(MAYOR);
    expect(await mayor.call("sling", args)).toMatchObject({
      isError: true,
      text: expect.stringContaining(text),
    });
  });

  it("list beads in brief and show one in full", async () => {
    turn("m1");
    await using mcp = await serveMcp(world);
    await using mayor = await mcp.connect(MAYOR);
    await mayor.call("sling", task);
    const { data } = await mayor.call("list_beads");
    expect(data).toMatchObject({ beads: [{ id: "b1", title: task.title, status: "open" }] });
    expect(JSON.stringify(data)).not.toContain(task.body);
    expect((await mayor.call("list_beads", { status: "open" })).data).toEqual(data);
    expect((await mayor.call("list_beads", { status: "closed" })).data).toEqual({ beads: [], next: null });
    expect((await mayor.call("show_bead", { bead: "b1" })).data).toMatchObject({ bead: { body: task.body } });
    expect(await mayor.call("cancel_bead", { bead: "b9" })).toMatchObject({
      isError: true,
      text: "The town has no bead b9.",
    });
  });

  it("tell nothing of the inside when a room fails", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    turn("m1");
    await using mcp = await serveMcp(world);
    await using mayor = await mcp.connect(MAYOR);
    const told = await mayor.call("retry_bead", { bead: "b1" });
    expect(told).toEqual({ isError: true, text: "The town did not answer. Try again.", data: undefined });
    expect(log).toHaveBeenCalledOnce();
    log.mockRestore();
  });
});

describe("a polecat's tools", () => {
  it("show its own bead", async () => {
    turn("m1");
    works("b1");
    await using mcp = await serveMcp(world);
    await using mayor = await mcp.connect(MAYOR);
    await mayor.call("sling", task);
    await using polecat = await mcp.connect(POLECAT);
    expect((await polecat.call("show_bead")).data).toMatchObject({ bead: { id: "b1", body: task.body } });
    expect(await polecat.call("show_bead", { bead: "b2" })).toMatchObject({ isError: true });
    works(null);
    expect(await polecat.call("show_bead")).toMatchObject({ isError: true, text: "You have no bead." });
  });

  it("take the reason why nothing has to change, and not without one", async () => {
    works("b1");
    await using mcp = await serveMcp(world);
    await using polecat = await mcp.connect(POLECAT);
    expect(await polecat.call("no_change_needed", { reason: " " })).toMatchObject({ isError: true });
    expect(world.calls.some((call) => call.startsWith("declareNoChange"))).toBe(false);
    expect(await polecat.call("no_change_needed", { reason: "It is there already." })).toMatchObject({
      isError: false,
    });
    expect(world.calls.at(-1)).toBe(
      'declareNoChange {"agent":"polecat-1","process":"p-1"} "It is there already."',
    );
    world.acting.clear();
    expect(await polecat.call("no_change_needed", { reason: "Again." })).toMatchObject({ isError: true });
  });

  it("are not the mayor's", async () => {
    works("b1");
    await using mcp = await serveMcp(world);
    await using polecat = await mcp.connect(POLECAT);
    await expect(polecat.call("sling", task)).rejects.toThrow("not found");
  });
});
