import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { agentNames } from "../../src/town/agents/names.ts";
import { makeCheckpoint } from "../support/checkpoint.ts";
import { containerOf, containerProcesses } from "../support/containers.ts";
import { makeRepository } from "../support/repository.ts";
import { foundTown } from "../support/town.ts";
import { watchTown } from "../support/watch-rooms.ts";
import { expectGone, gone } from "./doomed.ts";
import { type Instance, startInstance } from "./instance.ts";

const AGENTS = 200;
/** The most that may be at work at once. */
const AT_ONCE = 20;
/** In a block that doesn't end. */
const AT_WORK = 3;
/** Failed once, and due to be tried again. */
const RETRIED = AGENTS - 1 - AT_WORK;

let instance: Instance;

beforeAll(async () => {
  instance = await startInstance({ CURFEW_RETRY_BASE: "1h" });
});

afterAll(() => instance?.[Symbol.asyncDispose]());

it(`a town with ${AGENTS} agents, a real container in the middle of runs, messages and retries that wait, and open pages leaves ${AGENTS + 1} tombstones and nothing else`, async () => {
  const { curfew } = instance;
  using stack = new DisposableStack();
  const repository = stack.use(makeRepository());
  const town = stack.use(await foundTown(curfew, "Big"));
  const checkpoint = stack.use(makeCheckpoint());
  await town.addRig({ name: "hello", gitUrl: repository.path });
  // An agent that ends at once costs the machine nothing.
  await town.configure({ runtime: ["true"], caps: { polecats: AT_ONCE } });
  for (let n = 1; n <= RETRIED; n += 1) await town.sling("hello", `Again ${n}`, "");
  await town.room.until("everything that fails has failed once", ({ beads }) => {
    const failed = beads.filter(({ status, attempts }) => status === "open" && attempts === 1);
    return failed.length === RETRIED;
  });
  await town.configure({ runtime: "script" });
  for (let n = 1; n <= AT_WORK; n += 1) await town.sling("hello", `Work ${n}`, checkpoint.script);
  await checkpoint.reached(AT_WORK);
  const container = containerOf(curfew, town.id);
  expect(container.agents("polecat")).toHaveLength(AT_WORK);
  expect(existsSync(container.folder)).toBe(true);
  const pages = Array.from({ length: 5 }, () => stack.use(watchTown(curfew, town.id)));
  for (const page of pages) await page.until("the town", ({ town }) => town.agents.total === AGENTS);
  await Promise.all(Array.from({ length: 5 }, () => town.say("/status")));

  await town.call("DELETE", "");
  const doomed = { town, container, agents: agentNames(AGENTS) };
  await gone(curfew, doomed);
  await expectGone(curfew, doomed);
  for (const page of pages) expect(await page.closedForGood).toBe(4410);
  expect(containerProcesses(curfew)).toEqual([]);
  expect((await curfew.api("POST", "/api/admin/sweep")).body).toMatchObject({ healed: 0, errors: 0 });
});
