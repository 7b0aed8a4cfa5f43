import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, startEngine } from "../../engine/engine.ts";
import { CONTAINER, isAlive, leftOf } from "./with-engine.ts";

/*
 * The real thing: `@cloudflare/containers`, workerd and `wrangler dev`, none of them changed, with the
 * engine where Docker would be. `fixture/worker.ts` is the Worker.
 */
const CONFIG = fileURLToPath(new URL("fixture/wrangler.jsonc", import.meta.url));
const WRANGLER = join(
  dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
  "bin/wrangler.js",
);

let folder: string;
let engine: Engine;
let wrangler: ChildProcess;
let url: string;
const printed: string[] = [];

const startWrangler = (): ChildProcess =>
  spawn(
    process.execPath,
    [WRANGLER, "dev", "--config", CONFIG, "--port=0", "--inspector-port=0"].concat(
      `--persist-to=${join(folder, "persisted")}`,
      `--var=JOURNALS:${folder}`,
    ),
    {
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        ...process.env,
        ...engine.environment,
        // Nothing of this goes beyond the machine, or into the user's own folders.
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        WRANGLER_HIDE_BANNER: "true",
        WRANGLER_LOG_PATH: join(folder, "logs"),
        WRANGLER_REGISTRY_PATH: join(folder, "registry"),
        WRANGLER_SEND_METRICS: "false",
      },
    },
  );

const signalWrangler = (signal: NodeJS.Signals): void => {
  try {
    process.kill(-(wrangler.pid as number), signal);
  } catch {
    // It has ended.
  }
};

/** Starts `wrangler dev` and waits until it serves. */
const bringUp = async (): Promise<void> => {
  wrangler = startWrangler();
  for (const output of [wrangler.stdout, wrangler.stderr]) {
    output?.on("data", (bytes) => printed.push(String(bytes)));
  }
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  wrangler.on("message", (message: string) => {
    const { event, ip, port } = JSON.parse(message);
    if (event === "DEV_SERVER_READY") resolve(`http://${ip}:${port}`);
  });
  wrangler.once("exit", () => reject(new Error(`wrangler ended: ${printed.join("")}`)));
  url = await promise;
};

const bringDown = async (signal: NodeJS.Signals): Promise<void> => {
  const exited = once(wrangler, "exit");
  signalWrangler(signal);
  await exited;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "curfew-wrangler-"));
  engine = await startEngine({
    stateFolder: join(folder, "engine"),
    command: CONTAINER,
    log: (line) => printed.push(`${line}\n`),
  });
  await bringUp();
});

afterAll(async () => {
  if (wrangler && wrangler.exitCode === null && wrangler.signalCode === null) {
    await bringDown("SIGINT");
    signalWrangler("SIGKILL");
  }
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
  rmSync(join(dirname(CONFIG), ".wrangler"), { recursive: true, force: true });
});

const get = async (path: string): Promise<any> => {
  const response = await fetch(`${url}/${path}`);
  const body = await response.text();
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
};

describe("under wrangler dev, a container", () => {
  test("starts at the first request and gets the Worker's environment", async () => {
    expect(await get("greeter/in/environment")).toMatchObject({
      GREETING: "hello from the worker",
    });
    expect(await get("greeter/event/0")).toEqual({ hook: "start" });
  });

  test("talks over a WebSocket through containerFetch", async () => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/talker/in/socket`);
    await once(socket, "open");
    const answered = once(socket, "message");
    socket.send("hello");
    const [{ data }] = await answered;
    expect(data).toBe("hello");
    socket.close();
    await once(socket, "close");
  });

  test("runs beside others of its class", async () => {
    const [one, two] = await Promise.all([get("one/in/folder"), get("two/in/folder")]);
    expect(one.path).not.toBe(two.path);
  });

  test("is stopped by SIGTERM, and its exit is told to onStop", async () => {
    await get("stopped/in/");
    await get("stopped/stop");
    expect(await get("stopped/event/1")).toEqual({ hook: "stop", exitCode: 0, reason: "exit" });
    expect(readFileSync(join(folder, "stopped.journal"), "utf8")).toContain("SIGTERM");
  });

  test("C9: is stopped when nothing has happened for sleepAfter, and wakes with an empty disk", async () => {
    await get("sleepy/in/write");
    expect(await get("sleepy/event/1")).toEqual({ hook: "stop", exitCode: 0, reason: "exit" });
    expect(readFileSync(join(folder, "sleepy.journal"), "utf8")).toContain("SIGTERM");
    expect((await get("sleepy/in/folder")).entries).toEqual(["home", "tmp"]);
  });

  test("that crashes is noticed by onStop, and can start again", async () => {
    await get("crasher/in/");
    expect(await get("crasher/in/crash")).toContain("suddenly disconnected");
    expect(await get("crasher/event/1")).toEqual({ hook: "stop", exitCode: 7, reason: "exit" });
    expect(await get("crasher/in/")).toBe("here");
  });

  test("is ended by destroy with 137, with everything it has started", async () => {
    const { main, near, away } = await get("destroyed/in/spawn");
    expect([main, near, away].map(isAlive)).toEqual([true, true, true]);
    await get("destroyed/destroy");
    await expect.poll(() => [main, near, away].map(isAlive)).toEqual([false, false, false]);
    expect(await get("destroyed/event/1")).toEqual({ hook: "stop", exitCode: 137, reason: "exit" });
  });

  test("lives on when workerd is killed, and is the same one after its restart", async () => {
    await get("survivor/in/spawn");
    await bringDown("SIGKILL");
    await bringUp();
    expect(await get("survivor/in/ping-child")).toBe("pong");
  });

  test("and everything else ends with wrangler and the engine", async () => {
    const { away } = await get("last/in/spawn");
    await bringDown("SIGINT");
    await engine.close();
    expect(leftOf(join(folder, "engine"))).toEqual([]);
    await expect.poll(() => isAlive(away)).toBe(false);
  });
});
