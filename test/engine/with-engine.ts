import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { type Engine, startEngine } from "../../engine/engine.ts";
import { processesWith } from "../../processes/table.ts";
import { openStateFolder, shortId } from "../../engine/state-folder.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`fixture/${name}`, import.meta.url));

/** Runs `fixture/container.mjs`. */
export const CONTAINER = [process.execPath, fixture("container.mjs")];
export const ENGINE_PROCESS = fixture("engine-process.ts");

export interface Answer {
  readonly status: number;
  readonly body: any;
}

/** One call of the Docker API on a socket such as `unix:///…`. */
export const callEngine = async (host: string, call: string, body?: unknown): Promise<Answer> => {
  const [method, path] = call.split(" ");
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request(
    { socketPath: host.slice("unix://".length), method, path, agent: false },
    async (response) => {
      const answer = await text(response);
      resolve({
        status: response.statusCode ?? 0,
        body: answer === "" ? null : JSON.parse(answer),
      });
    },
  );
  outgoing.once("error", reject);
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
};

/** Whether a process still runs; one that ended and was not yet reaped doesn't. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

/** Processes that carry a marker of the engine on this state folder. */
export const leftOf = (stateFolder: string): number[] =>
  processesWith(`CURFEW_CONTAINER=${openStateFolder(stateFolder).id}-`);

/** An engine under test, with shorthands for what workerd does. */
export class TestEngine {
  readonly engine: Engine;
  readonly stateFolder: string;
  readonly #lines: string[];
  readonly #watchers: Set<() => void>;

  constructor(engine: Engine, stateFolder: string, lines: string[], watchers: Set<() => void>) {
    this.engine = engine;
    this.stateFolder = stateFolder;
    this.#lines = lines;
    this.#watchers = watchers;
  }

  get host(): string {
    return this.engine.environment["WRANGLER_DOCKER_HOST"] ?? "";
  }

  call(call: string, body?: unknown): Promise<Answer> {
    return callEngine(this.host, call, body);
  }

  /** The first line of the log that matches, once there is one. */
  async logged(pattern: RegExp): Promise<string> {
    for (;;) {
      const line = this.#lines.find((candidate) => pattern.test(candidate));
      if (line !== undefined) return line;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watchers.add(resolve);
      await promise;
      this.#watchers.delete(resolve);
    }
  }

  /** Creates and starts the side car that workerd wants for a container. */
  async startSideCar(name: string): Promise<void> {
    const image = this.engine.environment["MINIFLARE_CONTAINER_EGRESS_IMAGE"];
    await this.call(`POST /containers/create?name=${name}-proxy`, {
      Image: image,
      HostConfig: { NetworkMode: "bridge" },
    });
    await this.call(`POST /containers/${name}-proxy/start`, "");
  }

  /** Creates a container as workerd does. */
  create(name: string, env: Record<string, string> = {}): Promise<Answer> {
    return this.call(`POST /containers/create?name=${name}`, {
      Image: "curfew",
      Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
      HostConfig: { NetworkMode: `container:${name}-proxy`, RestartPolicy: { Name: "on-failure" } },
    });
  }

  /** Creates and starts a container; returns its process id. */
  async run(name: string, env: Record<string, string> = {}): Promise<number> {
    assert.equal((await this.create(name, env)).status, 201);
    assert.equal((await this.call(`POST /containers/${name}/start`, "")).status, 204);
    const { body } = await this.call(`GET /containers/${name}/json`);
    return body.State.Pid;
  }

  /** The same, and waits until it serves HTTP; returns its address, too. */
  async serve(name: string, env: Record<string, string> = {}) {
    const pid = await this.run(name, env);
    const status = this.engine.list().find((one) => one.name === name);
    if (status?.state !== "running") throw new Error(`${name} does not run`);
    await this.logged(new RegExp(`^${shortId(name)}: listening$`));
    return { pid, ask: (path: string) => ask(`http://127.0.0.1:${status.port}${path}`) };
  }
}

const ask = async (url: string): Promise<any> => (await fetch(url)).json();

/** A folder of the test's own. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "curfew-engine-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const assertNothingLeft = (stateFolder: string): void => {
  assert.deepEqual(leftOf(stateFolder), []);
  assert.deepEqual(readdirSync(stateFolder).toSorted(), ["engine.lock", "records", "trash", "work"]);
  for (const empty of ["records", "trash", "work"]) {
    assert.deepEqual(readdirSync(join(stateFolder, empty)), []);
  }
};

/** Starts an engine; it is closed after the test, and then nothing of it may be left. */
export const startTestEngine = async ({
  stateFolder = join(temporaryFolder(), "state"),
  command = CONTAINER,
}: { stateFolder?: string; command?: string[] } = {}): Promise<TestEngine> => {
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  const log = (line: string): void => {
    lines.push(line);
    for (const watcher of watchers) watcher();
  };
  const engine = await startEngine({ stateFolder, command, log });
  onTestFinished(async () => {
    await engine.close();
    assertNothingLeft(stateFolder);
  });
  return new TestEngine(engine, stateFolder, lines, watchers);
};
