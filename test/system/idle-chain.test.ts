import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Agent } from "../../src/protocol/agent.ts";
import type { Town } from "../../src/protocol/town.ts";
import { containerOf, environmentOf, type LiveContainer } from "../support/containers.ts";
import { type Curfew, startCurfew } from "../support/curfew.ts";
import { eventually } from "../support/eventually.ts";
import { type Asked, type ModelService, type Reply, startModelService } from "../support/model-service.ts";
import { makeRepository, type Repository } from "../support/repository.ts";
import { foundTown, type LiveTown } from "../support/town.ts";

/*
 * The wake-up chain of report 1450, as it is here: message → working → turn ends → waiting → no alarm but
 * for the container's sleep → it is stopped by itself, with its work pushed → the next message wakes it, and
 * the mayor knows what was said. The agents are opencode; the model is scripted and answers from what it is sent.
 */

const NAME = "My name is Wren.";

const SLING: Reply = {
  tool: "curfew_sling",
  args: { rig: "hello", title: "Add a greeting", body: "Write hello to greeting.txt." },
};

/** A model that knows nothing but what it is told in the call. */
const answer = ({ said, tools, toolResults }: Asked): Reply => {
  if (tools.length === 0) return { text: "A title" };
  if (said.includes("You are a polecat"))
    return toolResults === 0
      ? { tool: "write", args: { filePath: "greeting.txt", content: "hello\n" } }
      : { text: "The greeting is there." };
  const knows = said.includes(NAME);
  if (said.includes("What is my name?")) return { text: knows ? "You are Wren." : "I don't know you." };
  if (said.includes("Are you still there?")) return { text: knows ? "I am, Wren." : "Who are you?" };
  return toolResults === 0 ? SLING : { text: "I have slung it as b1." };
};

let curfew: Curfew;
let service: ModelService;
let repository: Repository;
let town: LiveTown;
let container: LiveContainer;

beforeAll(async () => {
  service = await startModelService(answer);
  repository = makeRepository();
  // The merge is held: what the polecat made stays on its branch.
  writeFileSync(join(repository.path, "README.md"), "# Not committed yet\n");
  curfew = await startCurfew({ env: { CURFEW_RETRY_BASE: "100ms" } });
  town = await foundTown(curfew, "Chain");
  await town.configure({ model: { baseUrl: service.baseUrl, model: "scripted-1", key: "a key" } });
  await town.addRig({ name: "hello", gitUrl: repository.path });
});

afterAll(async () => {
  town?.[Symbol.dispose]();
  await curfew?.[Symbol.asyncDispose]();
  await service?.[Symbol.asyncDispose]();
  repository?.[Symbol.dispose]();
});

const mayor = (): Agent | undefined => town.room.state?.agents.find(({ name }) => name === "mayor");

/** What runs in the mayor's own home: opencode, and what it started. */
const mayorProcesses = (): number[] =>
  container
    .processes()
    .map(({ pid }) => pid)
    .filter((pid) => environmentOf(pid).get("HOME")?.split("/").includes("mayor"));

const touches = ({ container }: Town): Record<string, number> =>
  Object.fromEntries(container.touches.map(({ reason, count }) => [reason, count]));

const alarmOf = async (room: string): Promise<number | null> =>
  (await curfew.api<{ alarm: number | null }>("GET", `/api/admin/rooms/${room}`)).body.alarm;

describe("the chain of report 1450", () => {
  it("a message makes the mayor work; when its turn ends it waits", async () => {
    const message = await town.say(`${NAME} Please let my repository greet people.`);
    await town.room.until("the mayor at work", () => mayor()?.status === "working");
    await town.message(message, "done");
    await town.room.until("the mayor waits", () => mayor()?.status === "waiting");
    container = containerOf(curfew, town.id);
    expect(mayorProcesses()).not.toEqual([]);
  });

  it("a waiting mayor answers in the process that it has", async () => {
    const processes = mayorProcesses();
    const entries = await town.message(await town.say("Are you still there?"), "done");
    expect(entries.at(-1)).toMatchObject({ kind: "text", text: "I am, Wren." });
    expect(mayorProcesses()).toEqual(processes);
  });

  it("then the one reason to wake is the container's sleep: held work and a waiting mayor are none", async () => {
    const bead = await town.bead("b1", "held", ({ held }) => held);
    expect(bead).toMatchObject({ status: "in_review", commit: expect.any(String) });
    const { town: seen } = await town.room.until(
      "the deadline of its sleep",
      ({ town }) => town.container.sleepsAt !== null && town.wake?.at === town.container.sleepsAt,
    );
    expect(seen.wake).toEqual({ at: seen.container.sleepsAt, why: "the container goes to sleep" });
    expect(seen.agents).toMatchObject({ working: 0, waiting: 1 });
    expect(await alarmOf(`Agent/${town.id}.mayor`)).toBeNull();
  });

  it("the container is stopped by itself: asked once, never killed, and its work is on its branch", async () => {
    await town.configure({ sleepAfter: "1s" });
    const { town: seen } = await town.room.until("asleep", ({ town }) => town.container.state === "asleep");
    expect(seen.container).toMatchObject({ life: 1, why: "Nothing was left to do.", lastExit: { code: 0 } });
    expect(touches(seen)).toEqual({ check: 1, message: 2, work: 1, merge: 1, stop: 1 });
    expect(container.isGone()).toBe(true);
    const { branch, commit } = await town.bead("b1", "still held", ({ held }) => held);
    expect(repository.git("rev-parse", branch ?? "")).toBe(commit);
    expect(repository.git("show", `${branch}:greeting.txt`)).toBe("hello");
    for (const room of [`Town/${town.id}`, `Agent/${town.id}.mayor`, "User/owner"])
      await eventually(
        `no alarm of ${room}`,
        () => alarmOf(room),
        (alarm) => alarm === null,
      );
  });

  it("the next message wakes it, and the mayor knows what was said before", async () => {
    await town.configure({ sleepAfter: "1h" });
    const asked = service.asked.length;
    const entries = await town.message(await town.say("What is my name?"), "done");
    expect(entries.at(-1)).toMatchObject({ kind: "text", text: "You are Wren." });
    expect(town.room.state?.town.container).toMatchObject({ state: "awake", life: 2 });
    // Told as what was said, not found on a disk: that went with its life.
    const call = service.asked.slice(asked).find(({ tools }) => tools.length > 0);
    expect(call?.said).toContain("This is what was said before");
    expect(town.room.closes).toEqual([]);
  });
});
