import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Agent } from "../../src/protocol/agent.ts";
import type { Bead } from "../../src/protocol/bead.ts";
import type { Run } from "../../src/protocol/run.ts";
import type { Town } from "../../src/protocol/town.ts";
import { NO_USAGE } from "../../src/protocol/usage.ts";
import { containerOf, environmentOf } from "../support/containers.ts";
import { type Curfew, startCurfew } from "../support/curfew.ts";
import { type Asked, type ModelService, type Reply, startModelService } from "../support/model-service.ts";
import { makeRepository } from "../support/repository.ts";
import { filesHolding } from "../support/search.ts";
import { foundTown, type LiveTown } from "../support/town.ts";

const KEY = "sk-only-the-worker-knows-this";

const isPolecat = ({ said }: Asked): boolean => said.includes("You are a polecat");
const isMayor = (asked: Asked): boolean => !isPolecat(asked);
const isTitle = ({ tools }: Asked): boolean => tools.length === 0;

const SLING: Reply = {
  tool: "curfew_sling",
  args: { rig: "hello", title: "Add a greeting", body: "Write hello to greeting.txt, twice." },
};
const POLECAT: readonly Reply[] = [
  { tool: "write", args: { filePath: "greeting.txt", content: "hello\n" } },
  {
    tool: "bash",
    args: {
      command: "cat greeting.txt >> greeting.txt.2; cat greeting.txt.2 >> greeting.txt; rm greeting.txt.2",
      description: "Write it twice",
    },
  },
  { text: "The greeting is there." },
];

/** The script of both roles. Last words wait for the title, so that no call is cut by the process' end. */
const makeScript = (lookAround: () => void) => {
  const titles = { mayor: Promise.withResolvers<void>(), polecat: Promise.withResolvers<void>() };
  return async (asked: Asked): Promise<Reply> => {
    const role = isPolecat(asked) ? "polecat" : "mayor";
    if (isTitle(asked)) {
      setImmediate(titles[role].resolve);
      return { text: "A title" };
    }
    if (role === "polecat" && asked.toolResults === 1) lookAround();
    const replies = role === "polecat" ? POLECAT : [SLING, { text: "I have slung it as b1." }];
    const reply = replies[asked.toolResults] ?? { text: "There is nothing more to say." };
    if ("text" in reply) await titles[role].promise;
    return reply;
  };
};

let curfew: Curfew;
let service: ModelService;
let town: LiveTown;
/** What was found while both agents were at work. */
const found: { environments: ReadonlyMap<string, string>[]; files: string[] } = {
  environments: [],
  files: [],
};

const lookAround = (): void => {
  const container = containerOf(curfew, town.id);
  found.environments = container.processes().map(({ pid }) => environmentOf(pid));
  found.files = filesHolding(container.folder, KEY);
};

beforeAll(async () => {
  service = await startModelService(makeScript(lookAround));
  curfew = await startCurfew({ env: { CURFEW_RETRY_BASE: "100ms" } });
  town = await foundTown(curfew, "Riverside");
});

afterAll(async () => {
  town?.[Symbol.dispose]();
  await curfew?.[Symbol.asyncDispose]();
  await service?.[Symbol.asyncDispose]();
});

describe("a town with a model", () => {
  it("makes a merged commit of a wish: the mayor slings with its tool, a polecat edits with its own", async () => {
    using repository = makeRepository();
    await town.configure({ model: { baseUrl: service.baseUrl, model: "scripted-1", key: KEY } });
    await town.addRig({ name: "hello", gitUrl: repository.path });
    const message = await town.say("Please let my repository greet people.");
    const entries = await town.message(message, "done");
    expect(entries).toContainEqual(
      expect.objectContaining({ kind: "tool", title: "curfew_sling", status: "completed" }),
    );
    expect(entries.at(-1)).toMatchObject({ kind: "text", text: "I have slung it as b1." });

    const bead = await town.closed("b1");
    expect(bead).toMatchObject({ title: "Add a greeting", assignee: "polecat-1" });
    expect(repository.git("log", "-1", "--format=%H")).toBe(bead.mergeCommit);
    expect(repository.git("log", "--no-merges", "-1", "--format=%s")).toBe("Add a greeting");
    expect(repository.read("greeting.txt")).toBe("hello\nhello");
    expect(repository.git("status", "--porcelain")).toBe("");
    expect(service.asked.every(({ model }) => model === "scripted-1")).toBe(true);
  });

  it("has counted every token of every call: on the bead, its agent, the mayor and the town", async () => {
    const everything = service.handedOut();
    const { town: seen } = await town.room.until(
      "everything is settled",
      ({ town }) => town.usage.inputTokens === everything.inputTokens,
    );
    const ofPolecat = service.handedOut(isPolecat);
    expect(ofPolecat.calls).toBe(POLECAT.length + 1);
    expect(everything.calls).toBe(ofPolecat.calls + 3);
    expect(seen.usage).toEqual(everything);
    expect((await town.call<Town>("GET", "")).usage).toEqual(everything);
    expect((await town.call<Bead>("GET", "/beads/b1")).usage).toEqual(ofPolecat);
    expect((await town.call<Agent>("GET", "/agents/polecat-1")).usage).toEqual(ofPolecat);
    const { runs } = await town.call<{ runs: Run[] }>("GET", "/beads/b1/runs");
    expect(runs.toReversed().map(({ kind, outcome, usage }) => ({ kind, outcome, usage }))).toEqual([
      { kind: "turn", outcome: "done", usage: ofPolecat },
      { kind: "merge", outcome: "merged", usage: NO_USAGE },
    ]);
    expect((await town.call<Agent>("GET", "/agents/mayor")).usage).toEqual(service.handedOut(isMayor));
  });

  it("keeps the model's key in the Worker: no process, file or log of a container ever has it", async () => {
    // Both agents were there when it was looked for.
    const tokens = new Set(
      found.environments.flatMap((environment) => environment.get("CURFEW_MODEL_TOKEN") ?? []),
    );
    expect(tokens.size).toBe(2);
    const held = found.environments.flatMap((environment) => [...environment.values()]);
    expect(held.filter((value) => value.includes(KEY))).toEqual([]);
    expect(found.files).toEqual([]);

    for (const { authorization, headers } of service.asked) {
      expect(authorization).toBe(`Bearer ${KEY}`);
      expect(headers.filter((name) => name.startsWith("x-"))).toEqual([]);
    }
    // Everything but the Worker's own storage, where the town's settings are.
    const parts = readdirSync(curfew.state).filter((name) => name !== "worker");
    expect(parts).toEqual(expect.arrayContaining(["containers", "engine.log", "worker.log"]));
    for (const secret of [KEY, ...tokens]) {
      expect(parts.flatMap((part) => filesHolding(join(curfew.state, part), secret))).toEqual([]);
    }
    expect((await curfew.api("GET", `/api/towns/${town.id}`)).body).toMatchObject({
      settings: { model: { baseUrl: service.baseUrl, model: "scripted-1", hasKey: true } },
    });
  });

  it("refuses a call at the town's cap before it reaches the service", async () => {
    const { inputTokens, outputTokens } = service.handedOut();
    await town.configure({ caps: { tokens: inputTokens + outputTokens } });
    const calls = service.asked.length;
    const message = await town.say("One more thing.");
    const refusal = `This town has used its ${inputTokens + outputTokens} tokens.`;
    await town.mayor.until("the notice of the last try", ({ entries }) =>
      entries.some(
        (entry) => entry.kind === "notice" && entry.level === "error" && entry.text.includes(refusal),
      ),
    );
    await town.message(message, "failed");
    expect(service.asked).toHaveLength(calls);
    expect((await town.call<Town>("GET", "")).usage).toEqual(service.handedOut());
  });
});
