import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { turnOrder } from "./support/orders.ts";
import { scratch } from "./support/scratch.ts";
import { type Reply, ScriptedModel } from "./support/scripted-model.ts";
import { serveHere } from "./support/serve.ts";
import { started, Transcript } from "./support/started.ts";
import { ToolTown } from "./support/town-tools.ts";

const TOKEN = "agent-token";

/** A real opencode whose model is scripted, and one turn of it. */
const opencode = async (role: "mayor" | "polecat", replies: readonly Reply[]) => {
  const town = new ToolTown();
  const model = new ScriptedModel(replies);
  const app = model.app();
  app.all("/mcp", (c) => town.handler(TOKEN, role)(c.req.raw));
  const url = await serveHere(app.fetch);
  const agent = role === "mayor" ? "mayor" : "polecat-1";
  const runtime = { kind: "opencode", model: "test/scripted-1" } as const;
  const order = turnOrder({ agent, role, runtime, token: TOKEN });
  const folder = await scratch();
  const process = await started(order, { folder, url });
  const transcript = new Transcript();
  const say = (text: string) =>
    process.prompt([{ type: "text", text }], transcript.add, new AbortController().signal);
  return { town, model, transcript, say, work: join(folder, "agents", agent, "work") };
};

describe("opencode", () => {
  test("talks to the proxy with the agent's own token, and has the town's tools", async () => {
    const bead = { rig: "app", title: "Fix the title", body: "It says Untitled." };
    const { say, town, transcript, model } = await opencode("mayor", [
      { tool: "curfew_sling", args: bead },
      { text: "Slung." },
    ]);
    expect((await say("Please fix the title")).stopReason).toBe("end_turn");
    expect(model.asked).toHaveLength(2);
    expect(model.asked[0]).toMatchObject({ authorization: `Bearer ${TOKEN}`, model: "test/scripted-1" });
    expect(model.asked[0]?.tools).toEqual(expect.arrayContaining(["curfew_list_rigs", "curfew_sling"]));
    expect(town.beads).toMatchObject([bead]);
    expect(transcript.tools).toMatchObject([{ title: "curfew_sling", status: "completed" }]);
    expect(transcript.texts.at(-1)).toBe("Slung.");
  });

  test("changes files and runs commands in the bead's folder without being asked", async () => {
    const { say, work, transcript } = await opencode("polecat", [
      { tool: "write", args: { filePath: "title.txt", content: "Oz\n" } },
      { tool: "bash", args: { command: "cat title.txt > copy.txt; pwd", description: "Copy" } },
      { tool: "grep", args: { pattern: "Oz" } },
      { text: "Done." },
    ]);
    expect((await say("Write the title")).stopReason).toBe("end_turn");
    expect(transcript.tools.map(({ status }) => status)).toEqual(["completed", "completed", "completed"]);
    expect(await readFile(join(work, "copy.txt"), "utf8")).toBe("Oz\n");
    expect(transcript.tools[1]?.output).toContain(work);
    expect(transcript.tools[2]?.output).toContain("title.txt");
  });
});
