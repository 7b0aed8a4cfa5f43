import { describe, expect, test } from "vitest";
import { scratch } from "./support/scratch.ts";
import { serveHere } from "./support/serve.ts";
import { started, Transcript } from "./support/started.ts";
import { turnOrder } from "./support/orders.ts";
import { ToolTown } from "./support/town-tools.ts";

/** A script mayor with the town's real tools, and what it answers to a message. */
const mayor = async () => {
  const town = new ToolTown();
  const url = await serveHere(town.handler("agent-token", "mayor"));
  const agent = await started(turnOrder(), { folder: await scratch(), url });
  const say = async (text: string) => {
    const transcript = new Transcript();
    const signal = new AbortController().signal;
    const response = await agent.prompt([{ type: "text", text }], transcript.add, signal);
    return { ...response, text: transcript.texts.join("\n"), transcript };
  };
  return { town, say };
};

describe("The script mayor", () => {
  test("says what it is to plain text, and streams it in pieces", async () => {
    const { say } = await mayor();
    const { stopReason, text, transcript } = await say("Please fix the title");
    expect(stopReason).toBe("end_turn");
    expect(text).toContain("I need no model");
    expect(text).toContain("/sling");
    expect(transcript.texts).toHaveLength(1);
    expect(transcript.pieces).toBeGreaterThan(5);
  });

  test("slings a bead with the lines below as its body, the rig left out when there is one", async () => {
    const { say, town } = await mayor();
    const { text, transcript } = await say("/sling Fix the title\n```sh\necho hi > title\n```");
    expect(town.beads).toMatchObject([
      { rig: "app", title: "Fix the title", body: "```sh\necho hi > title\n```" },
    ]);
    expect(text).toBe("Slung **b1** to `app`: Fix the title");
    expect(transcript.tools.map(({ title, status }) => [title, status])).toEqual([
      ["list_rigs", "completed"],
      ["sling", "completed"],
    ]);
  });

  test("asks for the rig where there are several, and takes it as the first word", async () => {
    const { say, town } = await mayor();
    town.rigs.push({ name: "site" });
    expect((await say("/sling Fix it")).text).toBe("Say which rig: `app`, `site`.");
    expect((await say("/sling site Fix it")).text).toContain("to `site`: Fix it");
    expect((await say("/sling site")).text).toContain("Say what is to be done");
    expect(town.beads).toHaveLength(1);
  });

  test("neither proposes nor counts a rig whose check failed, and says why it can't take a bead", async () => {
    const { say, town } = await mayor();
    town.rigs.unshift({ name: "nothere", failed: "repository not found" });
    expect((await say("/sling Fix it")).text).toBe("Slung **b1** to `app`: Fix it");
    town.rigs.push({ name: "site" });
    expect((await say("/sling Fix it")).text).toBe("Say which rig: `app`, `site`.");
    expect((await say("/sling nothere Fix it")).text).toBe(
      'Rig "nothere" can\'t be used: repository not found',
    );
    town.rigs.splice(1);
    expect((await say("/sling Fix it")).text).toBe(
      "No rig of this town can be used: `nothere` (repository not found).",
    );
    expect(town.beads).toHaveLength(1);
  });

  test("lists rigs and beads, tells the status, and cancels", async () => {
    const { say } = await mayor();
    await say("/sling Fix it");
    expect((await say("/rigs")).text).toContain("**app** · branch `main` · ready");
    expect((await say("/beads")).text).toContain("**b1** Fix it · app · open");
    expect((await say("/beads closed")).text).toBe("There are no beads that are closed.");
    expect((await say("/status")).text).toContain("**Oz**: the container is awake. It has work to do.");
    expect((await say("/cancel b1")).text).toBe("**b1** is cancelled.");
    expect((await say("/dance")).text).toContain("I don't know `/dance`");
  });

  test("lists a page of beads, the newest first, and says that there are older ones", async () => {
    const { say, town } = await mayor();
    for (let n = 0; n < 51; n += 1) town.sling({ rig: "app", title: `Bead ${n}`, body: "" });
    const lines = (await say("/beads")).text.split("\n");
    expect(lines).toHaveLength(51);
    expect(lines[0]).toContain("**b51** Bead 50");
    expect(lines.at(-1)).toContain("older ones");
  });

  test("passes on what a tool refuses, and goes on", async () => {
    const { say } = await mayor();
    const { stopReason, text, transcript } = await say("/cancel b7");
    expect(stopReason).toBe("end_turn");
    expect(text).toBe("There is no bead b7.");
    expect(transcript.tools).toMatchObject([{ title: "cancel_bead", status: "failed" }]);
    expect((await say("/help")).stopReason).toBe("end_turn");
  });
});
