import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Container } from "../../engine/container.ts";
import { Ports } from "../../engine/ports.ts";
import { openStateFolder } from "../../engine/state-folder.ts";
import { WorkingFolders } from "../../engine/working-folders.ts";
import { leftOf, startTestEngine, temporaryFolder, type TestEngine } from "./with-engine.ts";

/*
 * Whatever calls come at the same time: what the engine says of a container afterwards is true. A
 * running one has exactly the process that it names, one that is not running has none, and every
 * `wait` has been answered once its container is removed. No call is ever answered with a 500.
 */
const NAMES = ["a", "b"];

const CALLS: Readonly<Record<string, (engine: TestEngine, name: string) => Promise<{ status: number }>>> = {
  create: (engine, name) => engine.create(name),
  start: (engine, name) => engine.call(`POST /containers/${name}/start`),
  kill: (engine, name) => engine.call(`POST /containers/${name}/kill`),
  term: (engine, name) => engine.call(`POST /containers/${name}/kill?signal=SIGTERM`),
  remove: (engine, name) => engine.call(`DELETE /containers/${name}?force=true`),
};

const step = fc.record({
  name: fc.constantFrom(...NAMES),
  call: fc.constantFrom("create", "create", "start", "start", ...Object.keys(CALLS)),
  /** Whether what was begun before has to be answered first. */
  settles: fc.boolean(),
  waits: fc.boolean(),
});

const inOrder = (pids: number[]): string => pids.toSorted((a, b) => a - b).join();

describe("calls at the same time", () => {
  test("can't start a container that is being removed", async () => {
    const folder = temporaryFolder();
    const state = openStateFolder(folder);
    const folders = new WorkingFolders(state, console.log);
    const ground = { state, command: ["sleep", "1000"], folders, ports: new Ports(), log: console.log };
    const container = new Container(ground, {
      name: "a",
      image: "i",
      environment: [],
      sideCar: "a-proxy",
    });
    const removal = container.remove();
    await expect(container.start()).rejects.toThrow("a is being removed");
    await removal;
    expect(leftOf(folder)).toEqual([]);
  });

  test("leave the engine telling the truth", async () => {
    const engine = await startTestEngine({ command: ["sleep", "1000"] });
    const running = () => engine.engine.list().flatMap((one) => (one.state === "running" ? [one.pid] : []));
    const removeAll = () =>
      Promise.all(NAMES.map((name) => engine.call(`DELETE /containers/${name}?force=true`)));

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20, size: "max" }), async (steps) => {
        let begun: Promise<{ status: number }>[] = [];
        const statuses: number[] = [];
        const waits: Promise<{ status: number }>[] = [];
        const settle = async () => {
          for (const { status } of await Promise.all(begun)) statuses.push(status);
          begun = [];
        };
        for (const { name, call, settles, waits: isWaiting } of steps) {
          const answer = CALLS[call]?.(engine, name);
          if (answer) begun.push(answer);
          if (isWaiting) waits.push(engine.call(`POST /containers/${name}/wait`));
          if (settles) await settle();
        }
        await settle();
        expect(Math.max(...statuses)).toBeLessThan(500);
        // A process that was told to end takes a moment to do so; then the two must be the same.
        await expect.poll(() => inOrder(leftOf(engine.stateFolder)) === inOrder(running())).toBe(true);

        await removeAll();
        expect(leftOf(engine.stateFolder)).toEqual([]);
        for (const { status } of await Promise.all(waits)) expect([200, 404]).toContain(status);
      }),
      { numRuns: 40 },
    );
  });
});
