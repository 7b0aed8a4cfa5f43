import { describe, expect, it } from "vitest";
import { CONTAINER, MAYOR, POLECAT, serveMcp, tokenOf } from "./client.ts";
import { World } from "./world.ts";

const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "t", version: "1" } },
};

describe("/mcp", () => {
  it.each([
    ["without a token", async () => null, 401],
    ["with a wrong token", async () => "wrong", 401],
    ["with a container's token", () => tokenOf(CONTAINER), 401],
  ])("has no tools for a request %s", async (_, token, status) => {
    await using mcp = await serveMcp(new World());
    const authorization = await token();
    const response = await fetch(mcp.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...(authorization && { authorization: `Bearer ${authorization}` }),
      },
      body: JSON.stringify(initialize),
    });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("www-authenticate")).toBe(status === 401 ? 'Bearer realm="curfew"' : null);
  });

  it("has no stream to hold open", async () => {
    await using mcp = await serveMcp(new World());
    const response = await fetch(mcp.url, { headers: { authorization: `Bearer ${await tokenOf("owner")}` } });
    expect(response.status).toBe(405);
  });

  it.each(["legacy", "auto"] as const)("speaks to clients that negotiate in the %s way", async (mode) => {
    await using mcp = await serveMcp(new World());
    await using owner = await mcp.connect("owner", mode);
    expect(owner.client.getServerVersion()).toMatchObject({ name: "curfew" });
    expect((await owner.call("found_town", { name: "New" })).data).toEqual({ town: expect.anything() });
  });
});

describe("the tools", () => {
  const common = [
    "cancel_bead",
    "list_beads",
    "list_rigs",
    "retry_bead",
    "show_bead",
    "sling",
    "town_status",
  ];
  const owners = ["add_rig", "close_town", "found_town", "list_towns", "read_mayor", "say_to_mayor"];

  it.each([
    ["a mayor", MAYOR, common],
    ["a polecat", POLECAT, ["no_change_needed", "show_bead"]],
    ["the owner", "owner" as const, [...common, ...owners].toSorted()],
  ])("of %s are these", async (_, who, expected) => {
    await using mcp = await serveMcp(new World());
    await using connected = await mcp.connect(who);
    const { tools } = await connected.client.listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual(expected);
    for (const tool of tools) {
      expect(tool.description).toBeTruthy();
      expect(tool.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
      // Services of models refuse what they don't know of JSON Schema's regular expressions.
      expect(JSON.stringify(tool.inputSchema)).not.toContain('"pattern"');
    }
  });

  it("tell which of their arguments may be left out", async () => {
    await using mcp = await serveMcp(new World());
    await using owner = await mcp.connect("owner");
    const { tools } = await owner.client.listTools();
    const required = (name: string) => tools.find((tool) => tool.name === name)?.inputSchema.required;
    expect(required("sling")).toEqual(["town", "rig", "title"]);
    expect(required("say_to_mayor")).toEqual(["town", "text"]);
    expect(required("add_rig")).toEqual(["town", "name", "gitUrl"]);
    expect(required("read_mayor")).toEqual(["town"]);
  });

  it("that only look, and that end something, say so", async () => {
    await using mcp = await serveMcp(new World());
    await using owner = await mcp.connect("owner");
    const { tools } = await owner.client.listTools();
    const named = (hint: "readOnlyHint" | "destructiveHint") =>
      tools
        .filter(({ annotations }) => annotations?.[hint])
        .map(({ name }) => name)
        .toSorted();
    expect(named("readOnlyHint")).toEqual([
      "list_beads",
      "list_rigs",
      "list_towns",
      "read_mayor",
      "show_bead",
      "town_status",
    ]);
    expect(named("destructiveHint")).toEqual(["cancel_bead", "close_town"]);
  });
});
