import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { RunOrder } from "../../../src/protocol/container/order.ts";
import { CONTAINER_TOKEN, type Home, TOWN } from "./home.ts";
import { startedWith } from "./processes.ts";
import { scratch } from "./scratch.ts";
import { until } from "./until.ts";

const MAIN = fileURLToPath(new URL("../../../container/main.ts", import.meta.url));

/** A control server as the process engine starts it. */
export class TestContainer {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly marker: string;
  #stderr = "";
  #port = 0;

  private constructor(child: ChildProcess, folder: string, marker: string) {
    this.child = child;
    this.folder = folder;
    this.marker = marker;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
  }

  static async start(home: Home, variables: Record<string, string> = {}): Promise<TestContainer> {
    const folder = await scratch();
    const marker = `test-${crypto.randomUUID()}`;
    const env = {
      PATH: process.env["PATH"],
      PORT: "0",
      CURFEW_URL: home.url,
      CURFEW_TOWN: TOWN,
      CURFEW_LIFE: "3",
      CURFEW_LEASE: "60s",
      CURFEW_TOKEN: CONTAINER_TOKEN,
      CURFEW_CONTAINER: marker,
      ...variables,
    };
    const child = spawn(process.execPath, [MAIN], {
      cwd: folder,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    const container = new TestContainer(child, folder, marker);
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await container.exit();
      for (const pid of container.processes()) process.kill(pid, "SIGKILL");
    });
    const port = until(() => /listening on \S+:(\d+)/.exec(container.stderr)?.[1]);
    const died = once(child, "exit").then(() => {
      throw new Error(`the container ended before it listened: ${container.stderr}`);
    });
    container.#port = Number(await Promise.race([port, died]));
    died.catch(() => {});
    return container;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The processes that belong to the container, and still run. */
  processes(): number[] {
    return startedWith("CURFEW_CONTAINER", this.marker);
  }

  async exit(): Promise<number | NodeJS.Signals | null> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    return child.exitCode ?? child.signalCode;
  }

  post(path: string, body: unknown, token = CONTAINER_TOKEN): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#port}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  /** The status of the answer. */
  async order(order: RunOrder): Promise<number> {
    return (await this.post("/runs", order)).status;
  }
}
