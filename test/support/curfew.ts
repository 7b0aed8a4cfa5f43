import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT } from "../../scripts/root.ts";
import { freePort } from "./free-port.ts";
import { type Running, runningWith } from "./processes.ts";
import { temporaryFolder } from "./temporary.ts";

interface Options {
  /** Settings beside `PORT`, `CURFEW_STATE` and `CURFEW_TOKEN`. */
  readonly env?: Readonly<Record<string, string>>;
  /** A state folder that stays; else a new one that goes with the instance. */
  readonly state?: string;
  readonly port?: number;
  /** The checkout whose `npm start` it is; else this one. */
  readonly checkout?: string;
}

interface Answered<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

const OPEN = "Curfew is open at ";

/**
 * An instance as `npm start` runs it, on a free port: the real script, workerd, engine and
 * containers. Ends with the scope, whatever a test did to it.
 *
 * @example
 * await using curfew = await startCurfew({ env: { CURFEW_SLEEP_AFTER: "2s" } });
 * const { body } = await curfew.api<Town>("POST", "/api/towns", { name: "Elm" });
 */
export class Curfew implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly token = "the-owners-token";
  readonly state: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #folder: Disposable | null;
  readonly #checkout: string;
  #script: ChildProcess | null = null;
  #printed = "";
  readonly #listeners = new Set<() => void>();

  constructor(port: number, { env = {}, state, checkout = ROOT }: Options) {
    const folder = state === undefined ? temporaryFolder() : null;
    this.#folder = folder;
    this.state = state ?? join(realpathSync(folder?.path ?? ""), "state");
    this.#checkout = checkout;
    this.port = port;
    this.url = `http://localhost:${port}`;
    this.#env = {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CURFEW_"))),
      CURFEW_TOKEN: this.token,
      ...env,
      PATH: `${join(checkout, "node_modules", ".bin")}${delimiter}${process.env["PATH"]}`,
      PORT: String(port),
      CURFEW_STATE: this.state,
    };
  }

  /** Everything that the script has printed, over all its lives. */
  get printed(): string {
    return this.#printed;
  }

  /** The script's process. */
  get script(): ChildProcess {
    if (!this.#script) throw new Error("the instance is not running");
    return this.#script;
  }

  /** Starts the script and waits until it says that Curfew is open. */
  async start(): Promise<void> {
    const from = this.#printed.length;
    this.spawn();
    await this.says(OPEN, from);
  }

  /** Starts the script of `npm start` or of `npm run dev`, or the npm that runs the first, and waits for nothing. */
  spawn(by: "start" | "dev" | "npm" = "start"): ChildProcess {
    const [command, args] =
      by === "npm" ? ["npm", ["start"]] : [process.execPath, [join(this.#checkout, "scripts", `${by}.ts`)]];
    const script = spawn(command, args, {
      cwd: this.#checkout,
      env: this.#env,
      // The `ipc` slot: should the tests be killed, the script notices and ends what it started.
      stdio: ["ignore", "pipe", "pipe", by === "npm" ? "ignore" : "ipc"],
    });
    this.#script = script;
    for (const stream of [script.stdout, script.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#printed += text;
        for (const listener of this.#listeners) listener();
      });
    }
    return script;
  }

  /**
   * Resolves when the text was printed, after the first `from` characters that were ever printed.
   *
   * @throws Error with what was printed, when the script has ended without
   */
  says(text: string, from = 0): Promise<void> {
    const { script } = this;
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!this.#printed.includes(text, from)) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
      script.once("close", () => reject(new Error(`It ended without "${text}":\n${this.#printed}`)));
      look();
    });
  }

  /** Signals the script and waits for its end. @returns the exit code, or the signal that ended it */
  async kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    const script = this.script;
    if (script.exitCode !== null || script.signalCode !== null) {
      return script.exitCode ?? script.signalCode ?? 0;
    }
    const end = once(script, "close") as Promise<[number | null, NodeJS.Signals | null]>;
    script.kill(signal);
    const [code, by] = await end;
    return code ?? by ?? 0;
  }

  /** As Ctrl-C does. @returns the exit code */
  stop(): Promise<number | NodeJS.Signals> {
    return this.kill("SIGINT");
  }

  /** A request as the owner. `body` is sent as JSON; the answer's body is parsed if it is JSON. */
  async api<T = unknown>(method: string, path: string, body?: unknown): Promise<Answered<T>> {
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson && text !== "" ? JSON.parse(text) : text) as T,
    };
  }

  /** The processes that serve it: the host and its workerd. */
  serving(): Running[] {
    return runningWith("CURFEW_INSTANCE", this.state);
  }

  workerdPids(): number[] {
    return this.serving()
      .filter(({ command }) => command.includes("workerd serve"))
      .map(({ pid }) => pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#script) await this.stop();
    this.#folder?.[Symbol.dispose]();
  }
}

/** @throws Error with what was printed, if it doesn't open */
export const startCurfew = async (options: Options = {}): Promise<Curfew> => {
  const curfew = new Curfew(options.port ?? (await freePort()), options);
  try {
    await curfew.start();
  } catch (error) {
    await curfew[Symbol.asyncDispose]();
    throw error;
  }
  return curfew;
};
