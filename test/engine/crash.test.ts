import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { endMarked } from "../../processes/ending.ts";
import { MARKER } from "../../processes/marker.ts";
import { beginningOf } from "../../processes/table.ts";
import { openStateFolder } from "../../engine/state-folder.ts";
import {
  CONTAINER,
  callEngine,
  ENGINE_PROCESS,
  isAlive,
  leftOf,
  startTestEngine,
  temporaryFolder,
} from "./with-engine.ts";

const endAfterTest = (child: ChildProcess): void =>
  onTestFinished(() => {
    child.kill("SIGKILL");
  });

/** An engine in a process of its own, and the first message of it that has the wanted key. */
const forkEngine = (stateFolder: string) => {
  const child = fork(ENGINE_PROCESS, [stateFolder, ...CONTAINER], { execArgv: [] });
  onTestFinished(() => endMarked(`${MARKER}=${openStateFolder(stateFolder).id}-`));
  endAfterTest(child);
  const told = (isIt: (message: any) => boolean): Promise<any> => {
    const { promise, resolve } = Promise.withResolvers<any>();
    child.on("message", (message) => isIt(message) && resolve(message));
    return promise;
  };
  return { child, told };
};

/** A process that waits for ever, with a marker or without one. */
const sleeper = (env: Record<string, string> = {}): number => {
  const child = spawn("sleep", ["1000"], { env: { ...process.env, ...env }, detached: true });
  endAfterTest(child);
  return child.pid as number;
};

describe("an engine that was killed", () => {
  test("is noticed by its containers, and the next one ends those that stay", async () => {
    const folder = temporaryFolder();
    const stateFolder = join(folder, "state");
    const journal = join(folder, "journal");
    const { child, told } = forkEngine(stateFolder);
    const { environment } = await told((message) => "environment" in message);
    const host = environment.WRANGLER_DOCKER_HOST;
    const run = async (name: string, ...Env: string[]): Promise<number> => {
      const HostConfig = { NetworkMode: `container:${name}-proxy` };
      await callEngine(host, `POST /containers/create?name=${name}`, { Image: "i", Env, HostConfig });
      const listening = told(({ line }) => line?.endsWith(": listening"));
      await callEngine(host, `POST /containers/${name}/start`);
      await listening;
      return (await callEngine(host, `GET /containers/${name}/json`)).body.State.Pid;
    };
    const polite = await run("polite", `JOURNAL=${journal}`);
    const stubborn = await run("stubborn", "BEHAVIOUR=stubborn");

    child.kill("SIGKILL");
    await once(child, "exit");
    await expect.poll(() => isAlive(polite)).toBe(false);
    expect(readFileSync(journal, "utf8")).toContain("the engine is gone");
    expect(isAlive(stubborn)).toBe(true);
    expect(existsSync(join(stateFolder, "engine.sock"))).toBe(true);
    expect(readdirSync(join(stateFolder, "work"))).toHaveLength(2);

    const next = await startTestEngine({ stateFolder });
    await expect.poll(() => isAlive(stubborn)).toBe(false);
    expect(readdirSync(join(stateFolder, "work"))).toEqual([]);
    expect(readdirSync(join(stateFolder, "records"))).toEqual([]);
    expect(next.engine.list()).toEqual([]);
    await next.run("stubborn");
  });

  test("leaves nothing by dying before it has recorded a process", async () => {
    const stateFolder = join(temporaryFolder(), "state");
    const { id } = openStateFolder(stateFolder);
    const unrecorded = sleeper({ CURFEW_CONTAINER: `${id}-0123456789ab` });
    await startTestEngine({ stateFolder });
    await expect.poll(() => isAlive(unrecorded)).toBe(false);
  });

  test("does not cost a process its life that has got the id of a dead one", async () => {
    const stateFolder = join(temporaryFolder(), "state");
    const { id, records } = openStateFolder(stateFolder);
    const innocent = sleeper();
    const record = { container: "a", engine: id, pid: innocent, beginning: "another boot 1" };
    writeFileSync(join(records, "0123456789ab.json"), JSON.stringify(record));
    await startTestEngine({ stateFolder });
    expect(isAlive(innocent)).toBe(true);
  });

  test("does not end another engine's containers when its state folder was copied", async () => {
    const stateFolder = join(temporaryFolder(), "state");
    const { records } = openStateFolder(stateFolder);
    const pid = sleeper({ CURFEW_CONTAINER: "ba9876543210-0123456789ab" });
    const record = { container: "a", engine: "ba9876543210", pid, beginning: beginningOf(pid) };
    writeFileSync(join(records, "0123456789ab.json"), JSON.stringify(record));
    await startTestEngine({ stateFolder });
    expect(isAlive(pid)).toBe(true);
    expect(readdirSync(records)).toEqual([]);
  });

  test("can leave a half-written record without harm", async () => {
    const stateFolder = join(temporaryFolder(), "state");
    const { records } = openStateFolder(stateFolder);
    writeFileSync(join(records, "0123456789ab.json"), '{"container":');
    await startTestEngine({ stateFolder });
    expect(readdirSync(records)).toEqual([]);
  });
});

describe("two engines", () => {
  test("run side by side on state folders of their own", async () => {
    const one = await startTestEngine();
    const two = await startTestEngine();
    await one.run("a");
    const survivor = await two.run("a");

    await one.engine.close();
    expect(leftOf(one.stateFolder)).toEqual([]);
    expect(leftOf(two.stateFolder)).toEqual([survivor]);
    expect((await two.call("GET /containers/a/json")).body.State.Status).toBe("running");
  });

  test("can't share a state folder, whichever way it is named", async () => {
    const folder = temporaryFolder();
    const stateFolder = join(folder, "state");
    const first = await startTestEngine({ stateFolder });
    const pid = await first.run("a");
    mkdirSync(join(folder, "beside"));
    const { told } = forkEngine(join(folder, "beside/../state"));
    const { refused } = await told((message) => "refused" in message);
    expect(refused).toContain("Another engine is using this state folder");
    await expect(startTestEngine({ stateFolder })).rejects.toThrow(
      "Another engine is using this state folder",
    );

    expect(isAlive(pid)).toBe(true);
    expect((await first.call("GET /containers/a/json")).status).toBe(200);
  });

  test("can follow each other on one state folder", async () => {
    const first = await startTestEngine();
    await first.run("a");
    await first.engine.close();
    await expect(first.call("GET /volumes")).rejects.toThrow("ENOENT");

    const second = await startTestEngine({ stateFolder: first.stateFolder });
    await second.run("a");
  });
});
