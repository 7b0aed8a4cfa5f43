import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import { TestContainer } from "./support/container.ts";
import { CONTAINER_TOKEN, Home, TOWN } from "./support/home.ts";
import { block, turnOrder, workOrder } from "./support/orders.ts";
import { startedWith } from "./support/processes.ts";
import { Repository } from "./support/repository.ts";
import { until } from "./support/until.ts";

const begin = async (variables?: Record<string, string>) => {
  const home = await Home.open();
  const container = await TestContainer.start(home, variables);
  await until(() => home.hellos.length > 0);
  return { home, container };
};

describe("The control server", () => {
  test("calls home and says who it is", async () => {
    const { home } = await begin();
    expect(home.hellos).toEqual([
      { type: "hello", version: PROTOCOL_VERSION, boot: expect.any(String), life: 3, runs: [] },
    ]);
  });

  test("obeys nobody but the Town, and says what is wrong with an order", async () => {
    const { container } = await begin();
    const answer = async (path: string, body: unknown, token?: string) => {
      const response = await container.post(path, body, token);
      const { kind, detail } = (await response.json()) as { kind: string; detail: string };
      return [response.status, response.headers.get("content-type"), kind, detail];
    };
    const type = "application/problem+json";
    expect(await answer("/runs", turnOrder(), "agent-token")).toMatchObject([
      401,
      type,
      "who-are-you",
      expect.any(String),
    ]);
    expect(await answer("/runs", "{")).toEqual([400, type, "bad-request", "The body is not JSON."]);
    expect(await answer("/runs", { ...turnOrder(), prompt: 7 })).toMatchObject([
      400,
      type,
      "bad-request",
      expect.stringContaining("prompt: "),
    ]);
    const large = { ...turnOrder(), prompt: "x".repeat(17 * 1024 * 1024) };
    expect(await answer("/runs", large)).toMatchObject([413, type, "too-large", expect.any(String)]);
    expect(await answer("/runs/1/cancel", { fence: 1 })).toMatchObject([
      400,
      type,
      "bad-request",
      "not a run id",
    ]);
    expect(await answer("/dance", {})).toMatchObject([404, type, "not-found", expect.any(String)]);
  });

  test("takes a turn: what the agent says is in its room before the town hears that it is over", async () => {
    const { home, container } = await begin();
    expect(await container.order(turnOrder())).toBe(202);
    expect(await home.turned("r1")).toEqual({ outcome: "talked" });
    expect(home.textOf("mayor")).toContain("These are my commands");
    expect(home.arrivals.lastIndexOf("mayor text")).toBeLessThan(home.arrivals.indexOf("town turned"));
    expect(home.events[0]).toEqual({
      type: "process",
      agent: "mayor",
      process: "p1",
      state: "up",
      reason: null,
    });
  });

  test("carries a run out once, however often it is ordered, and refuses an older one", async () => {
    const { home, container } = await begin();
    const order = turnOrder({ runId: "r5", fence: 5 });
    expect(await Promise.all([container.order(order), container.order(order)])).toEqual([202, 202]);
    await home.turned("r5");
    expect(await container.order(order)).toBe(202);
    expect(await container.order(turnOrder({ runId: "r4", fence: 4 }))).toBe(409);
    expect(await container.order(turnOrder({ runId: "r6", fence: 6 }))).toBe(202);
    await home.turned("r6");
    expect(home.events.filter((event) => event.type === "turned")).toHaveLength(2);
    expect(home.events.filter((event) => event.type === "process")).toHaveLength(1);
  });

  test("gives the agent the town's tools with the agent's own token", async () => {
    const { home, container } = await begin();
    await container.order(turnOrder({ prompt: "/sling Fix it" }));
    await home.turned("r1");
    expect(home.tools.beads).toMatchObject([{ rig: "app", title: "Fix it" }]);
  });

  test("keeps its token from agents", async () => {
    const { home, container } = await begin({ AWS_SECRET_ACCESS_KEY: "hunter2" });
    await container.order(turnOrder());
    await home.turned("r1");
    const agent = container.processes().find((pid) => pid !== container.child.pid);
    const environment = readFileSync(`/proc/${agent}/environ`, "latin1");
    expect(environment).toContain("CURFEW_ROLE=mayor");
    expect(environment).not.toContain(CONTAINER_TOKEN);
    expect(environment).not.toContain("hunter2");
  });

  test("checks a repository", async () => {
    const { home, container } = await begin();
    const repository = await Repository.make();
    const check = { kind: "check", maxMs: 600_000 } as const;
    await container.order({ ...check, runId: "r1", fence: 1, rig: { ...repository.rig, branch: null } });
    const gone = { ...repository.rig, name: "gone", gitUrl: `${repository.path}.gone` };
    await container.order({ ...check, runId: "r2", fence: 2, rig: gone });
    expect(await home.event("checked", ({ runId }) => runId === "r1")).toMatchObject({
      rig: "app",
      result: { outcome: "ready", branch: "main", head: repository.commit("main") },
    });
    expect(await home.event("checked", ({ runId }) => runId === "r2")).toMatchObject({
      rig: "gone",
      result: { outcome: "failed" },
    });
  });
});

describe("A bead's way through the container", () => {
  test("leads from a block to a pushed commit to a merge, and leaves nothing behind", async () => {
    const { home, container } = await begin();
    const repository = await Repository.make();
    const base = repository.commit("main");

    await container.order(workOrder(repository.rig, block("echo Oz > title")));
    const result = await home.turned("r1");
    const commit = repository.commit("curfew/oz/b1");
    expect(result).toMatchObject({ outcome: "done", commit, base, summary: "The block ran." });
    expect(repository.git("show", `${commit}:title`)).toBe("Oz");
    await home.event("process", ({ state }) => state === "down");
    expect(home.events.map((event) => (event.type === "process" ? event.state : event.type))).toEqual([
      "up",
      "turned",
      "down",
    ]);
    expect(existsSync(join(container.folder, "agents", "polecat-1"))).toBe(false);
    await until(() => !home.connected(`agent/${TOWN}.polecat-1`));

    await container.order({
      kind: "merge",
      runId: "r2",
      fence: 2,
      maxMs: 600_000,
      rig: repository.rig,
      bead: "b1",
      title: "Fix the title",
      branch: "curfew/oz/b1",
      commit: commit ?? "",
      gates: ["grep Oz title"],
      gateMaxMs: 600_000,
      intent: null,
    });
    const merged = await home.event("merged");
    expect(merged.result).toEqual({ outcome: "merged", mergeCommit: repository.commit("main") });
    const [gate, intent] = home.events.slice(-3);
    expect(gate).toMatchObject({ type: "gate", result: { command: "grep Oz title", exitCode: 0 } });
    expect(intent).toMatchObject({ type: "intent", commit: repository.commit("main"), onto: base });
  });

  test("pushes no merge that the town has not recorded, and asks again after a broken connection", async () => {
    const { home, container } = await begin();
    const repository = await Repository.make();
    const base = repository.commit("main");
    await container.order(workOrder(repository.rig, block("echo Oz > title")));
    await home.turned("r1");
    home.records = false;
    await container.order({
      kind: "merge",
      runId: "r2",
      fence: 2,
      maxMs: 600_000,
      rig: repository.rig,
      bead: "b1",
      title: "Fix the title",
      branch: "curfew/oz/b1",
      commit: repository.commit("curfew/oz/b1") ?? "",
      gates: [],
      gateMaxMs: 600_000,
      intent: null,
    });
    await home.event("intent");
    expect(repository.commit("main")).toBe(base);
    home.records = true;
    home.cut();
    const merged = await home.event("merged");
    expect(merged.result).toEqual({ outcome: "merged", mergeCommit: repository.commit("main") });
    expect(home.hellos.at(-1)?.runs).toEqual([{ runId: "r2", fence: 2 }]);
  });

  test("ends with the reason when a block fails or there is none", async () => {
    const { home, container } = await begin();
    const { rig } = await Repository.make();
    await container.order(workOrder(rig, block("echo no >&2; exit 3")));
    expect(await home.turned("r1")).toEqual({
      outcome: "failed",
      reason: "Block 1 of 1 failed (exit code 3): no",
      again: true,
    });
    await container.order(workOrder(rig, "Make it nicer", { runId: "r2", fence: 2, agent: "polecat-2" }));
    expect(await home.turned("r2")).toMatchObject({ outcome: "failed", again: false });
    await container.order(workOrder(rig, block("true"), { runId: "r3", fence: 3, agent: "polecat-3" }));
    expect(await home.turned("r3")).toMatchObject({
      outcome: "failed",
      reason: expect.stringMatching(/^The block ran and changed nothing\./),
      again: false,
    });
  });

  test("ends with git's reason when there is no such repository, and no agent is started", async () => {
    const { home, container } = await begin();
    const rig = { name: "gone", gitUrl: "/nowhere/at/all", branch: "main", credential: null };
    await container.order(workOrder(rig, block("true")));
    expect(await home.turned("r1")).toMatchObject({ outcome: "failed", again: false });
    expect(home.events.filter((event) => event.type === "process")).toEqual([]);
  });
});

describe("A run", () => {
  const endless = block("echo begun\nsleep 1000");

  test("ends as cancelled, whatever its agent is doing", async () => {
    const { home, container } = await begin();
    const { rig } = await Repository.make();
    await container.order(workOrder(rig, endless));
    await until(() => home.agents.get("polecat-1")?.length);
    expect((await container.post("/runs/r1/cancel", { fence: 7 })).status).toBe(202);
    expect((await container.post("/runs/r1/cancel", { fence: 1 })).status).toBe(202);
    expect(await home.turned("r1")).toEqual({ outcome: "cancelled" });
    await until(() => container.processes().length === 1);
  });

  test("that is cancelled before its order arrives never begins", async () => {
    const { home, container } = await begin();
    expect((await container.post("/runs/r1/cancel", { fence: 1 })).status).toBe(202);
    await container.order(turnOrder());
    expect(await home.turned("r1")).toEqual({ outcome: "cancelled" });
    expect(home.textOf("mayor")).toBe("");
  });

  test("is ended when it takes too long", async () => {
    const { home, container } = await begin();
    const { rig } = await Repository.make();
    await container.order(workOrder(rig, endless, { maxMs: 1500 }));
    expect(await home.turned("r1")).toMatchObject({ outcome: "failed", again: true });
  });

  test("makes room for a newer one of the same agent", async () => {
    const { home, container } = await begin();
    const { rig } = await Repository.make();
    await container.order(workOrder(rig, endless));
    await until(() => home.agents.get("polecat-1")?.length);
    await container.order(workOrder(rig, block("echo Oz > title"), { runId: "r2", fence: 2, process: "p2" }));
    expect(await home.turned("r2")).toMatchObject({ outcome: "done" });
    expect(await home.turned("r1")).toMatchObject({ outcome: "failed" });
  });

  test("fails, to be tried again, when its agent's process is killed", async () => {
    const { home, container } = await begin();
    const { rig } = await Repository.make();
    await container.order(workOrder(rig, endless));
    await until(() => home.agents.get("polecat-1")?.length);
    const boot = home.hellos[0]?.boot;
    const [agent = 0] = startedWith("CURFEW_PROCESS", `${boot}-p1`);
    process.kill(agent, "SIGKILL");
    expect(await home.turned("r1")).toEqual({
      outcome: "failed",
      reason: "The agent's process ended in the middle of its turn (killed by SIGKILL).",
      again: true,
    });
    expect(await home.event("process", ({ state }) => state === "down")).toMatchObject({
      process: "p1",
      reason: "killed by SIGKILL",
    });
    await until(() => startedWith("CURFEW_PROCESS", `${boot}-p1`).length === 0);
  });
});

describe("The line home", () => {
  test("may break at any time: every event arrives once and in order", async () => {
    const { home, container } = await begin();
    const { rig } = await Repository.make();
    const script = "for i in 1 2 3 4 5 6 7 8 9; do echo $i; sleep 0.2; done; echo Oz > title";
    await container.order(workOrder(rig, block(script)));
    for (let i = 1; i <= 3; i += 1) {
      await until(() => home.hellos.length >= i && home.connected(`agent/${TOWN}.polecat-1`));
      home.cut();
    }
    expect(await home.turned("r1")).toMatchObject({ outcome: "done" });
    expect(home.textOf("polecat-1")).toBe("The block ran.");
    expect(home.events.filter((event) => event.type === "turned")).toHaveLength(1);
  });

  test("names a run until its result has been acknowledged, so that it is not taken for lost", async () => {
    const { home, container } = await begin();
    await container.order({
      kind: "check",
      runId: "r1",
      fence: 1,
      maxMs: 600_000,
      rig: { name: "gone", gitUrl: "/nowhere/at/all", branch: null, credential: null },
    });
    home.acknowledges = false;
    await home.event("checked");
    home.cut();
    const again = await until(() => home.hellos[1]);
    expect(again.runs).toEqual([{ runId: "r1", fence: 1 }]);
  });

  test("ends what the town says is no run any more", async () => {
    const { home, container } = await begin();
    const { rig } = await Repository.make();
    await container.order(workOrder(rig, block("sleep 1000")));
    await until(() => home.agents.get("polecat-1")?.length);
    home.send({ type: "welcome", version: 1, after: 0, cancel: ["r1"] });
    expect(await home.turned("r1")).toEqual({ outcome: "cancelled" });
  });
});

describe("The end", () => {
  test("by SIGTERM saves work in progress, tells what happened, and leaves no process", async () => {
    const { home, container } = await begin();
    const repository = await Repository.make();
    await container.order(workOrder(repository.rig, block("echo half > title\necho begun\nsleep 1000")));
    await container.order(turnOrder({ runId: "r2", fence: 2, process: "p2" }));
    await home.turned("r2");
    await until(() => home.agents.get("polecat-1")?.some((event) => event.type === "tool" && event.output));
    container.child.kill("SIGTERM");
    expect(await container.exit()).toBe(0);
    const saved = await home.event("saved");
    expect(saved).toMatchObject({ bead: "b1", commit: repository.commit(saved.branch) });
    expect(repository.git("show", `${saved.branch}:title`)).toBe("half");
    // Its run is lost with the container, which is no fault of the bead's.
    expect(home.events.filter((event) => event.type === "turned" && event.runId === "r1")).toEqual([]);
    expect(home.events.filter((event) => event.type === "process" && event.state === "down")).toHaveLength(2);
    expect(container.processes()).toEqual([]);
  });

  test("by SIGTERM to all of the container at once blames no run", async () => {
    const { home, container } = await begin();
    const { rig } = await Repository.make();
    await container.order(workOrder(rig, block("echo begun\nsleep 1000")));
    await until(() => home.agents.get("polecat-1")?.some((event) => event.type === "tool" && event.output));
    process.kill(-(container.child.pid ?? 0), "SIGTERM");
    expect(await container.exit()).toBe(0);
    expect(home.events.filter((event) => event.type === "turned")).toEqual([]);
  });

  test("by SIGTERM says nothing of a repository that it was still looking at, so that the town looks again", async () => {
    const { home, container } = await begin();
    const silent = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void silent.close());
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const rig = { name: "app", gitUrl: `https://127.0.0.1:${port}/app.git`, branch: null, credential: null };
    const called = once(silent, "connection");
    await container.order({ kind: "check", runId: "r1", fence: 1, maxMs: 600_000, rig });
    const [line] = (await called) as [Socket];
    onTestFinished(() => void line.destroy());
    container.child.kill("SIGTERM");
    expect(await container.exit()).toBe(0);
    expect(home.events).toEqual([]);
  });

  test("takes no more orders once it has begun", async () => {
    const { home, container } = await begin();
    const { rig } = await Repository.make();
    // An agent that does not hear SIGTERM keeps the container stopping for a while.
    await container.order(workOrder(rig, block("trap '' TERM\necho begun\nwhile :; do sleep 1; done")));
    await until(() => home.agents.get("polecat-1")?.some((event) => event.type === "tool" && event.output));
    container.child.kill("SIGTERM");
    const refused = await until(async () => {
      const status = await container.order(turnOrder({ runId: "r9", fence: 9 }));
      return status === 503 && status;
    });
    expect(refused).toBe(503);
    expect(await container.exit()).toBe(0);
  });

  test("comes at once when the engine dies", async () => {
    const { home, container } = await begin();
    const { rig } = await Repository.make();
    await container.order(workOrder(rig, block("setsid sleep 1000 & echo begun\nsleep 1000")));
    await until(() => home.agents.get("polecat-1")?.some((event) => event.type === "tool" && event.output));
    (container.child.stdio[3] as { destroy(): void } | null)?.destroy();
    expect(await container.exit()).toBe(1);
    await until(() => container.processes().length === 0);
  });

  test.each([4410, 4404])("comes at once, and for good, when the town is gone (%i)", async (code) => {
    const { home, container } = await begin();
    await container.order(turnOrder());
    await home.turned("r1");
    home.close(code);
    expect(await container.exit()).toBe(0);
    await until(() => container.processes().length === 0);
  });

  test("comes in order when the town will not hear of the container any more", async () => {
    const { home, container } = await begin();
    home.close(4401);
    expect(await container.exit()).toBe(1);
    expect(container.stderr).not.toContain(CONTAINER_TOKEN);
  });
});
