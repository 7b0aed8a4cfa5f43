import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Readable, Writable } from "node:stream";
import { type ContentBlock, ndJsonStream, type PromptResponse, RequestError } from "@agentclientprotocol/sdk";
import { plainLine } from "../../src/protocol/text.ts";
import { Kin } from "../../processes/kin.ts";
import { scrub } from "../text/scrub.ts";
import { head, tail } from "../text/clip.ts";
import { AcpSession, type SessionOptions, type Update } from "./acp-session.ts";
import { PROCESS_MARKER } from "./agent-environment.ts";
import { exitOf, outputEnd } from "./exit.ts";
import { AgentFailure } from "./failure.ts";
import { Interruption } from "./interruption.ts";
import type { Launch } from "./launch.ts";

const MAX_LAST_WORDS = 500;
const AUTH_REQUIRED = -32000;

/** How long an agent may take to obey before it is made to. */
export interface Patience {
  /** From `session/cancel` to SIGKILL. */
  readonly cancelMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly endMs: number;
}

export const PATIENCE: Patience = { cancelMs: 10_000, endMs: 3000 };

/** What an agent's process is started with. */
export interface ProcessOptions {
  readonly launch: Launch;
  /** All of it that the agent is told. */
  readonly session: SessionOptions;
  /** The value of {@link PROCESS_MARKER} in its environment. */
  readonly marker: string;
  /** Never to be seen in a reason. */
  readonly secrets: readonly string[];
  readonly patience: Patience;
}

/** One agent's child process, speaking ACP, with one session. */
export class AgentProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #kin: Kin | null;
  readonly #options: ProcessOptions;
  #session: AcpSession | null = null;
  #lastWords = "";
  #ended = false;

  /** How it ended, in words; once nothing of it is left. */
  readonly gone: Promise<string>;

  private constructor(options: ProcessOptions) {
    const { command, args, env } = options.launch;
    this.#options = options;
    // Not detached: it belongs to the container's process group and ends with that.
    this.#child = spawn(command, args, { cwd: options.session.cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    const { pid } = this.#child;
    this.#kin = pid === undefined ? null : new Kin(pid, `${PROCESS_MARKER}=${options.marker}\0`);
    this.#child.stdin.on("error", () => {}); // It has ended; the exit says so, too.
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#lastWords = tail(this.#lastWords + text, 4 * MAX_LAST_WORDS);
    });
    this.gone = this.#gone();
  }

  /**
   * Starts the process and its session.
   *
   * @throws AgentFailure if the agent can't be used, the reason of `signal` if that ends first
   */
  static async start(options: ProcessOptions, signal: AbortSignal): Promise<AgentProcess> {
    signal.throwIfAborted();
    const agent = new AgentProcess(options);
    const kill = (): void => agent.kill();
    signal.addEventListener("abort", kill, { once: true });
    try {
      agent.#session = await AcpSession.open(agent.#stream(), options.session);
      // One that does not speak to us any more is of no use, even if it should still run.
      void agent.#session.closed.then(kill);
      return agent;
    } catch (error) {
      agent.kill();
      const exit = await agent.gone;
      signal.throwIfAborted();
      throw agent.#explain(error, "The agent's process could not be started", exit);
    } finally {
      signal.removeEventListener("abort", kill);
    }
  }

  get isGone(): boolean {
    return this.#ended;
  }

  /**
   * One turn. When `signal` is aborted the agent is asked to end it, and killed if it does not.
   *
   * @throws AgentFailure if the agent answers with an error, or its process ends
   */
  async prompt(blocks: ContentBlock[], update: Update, signal: AbortSignal): Promise<PromptResponse> {
    const session = this.#session;
    if (!session) throw new Error("prompted before it was started");
    let timer: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      if (signal.reason instanceof Interruption && signal.reason.endsProcess) return void this.end();
      session.cancel();
      timer = setTimeout(() => this.kill(), this.#options.patience.cancelMs);
    };
    signal.throwIfAborted();
    signal.addEventListener("abort", interrupt, { once: true });
    try {
      return await session.prompt(blocks, update);
    } catch (error) {
      if (error instanceof RequestError) throw this.#refused(error);
      throw this.#explain(error, "The agent's process ended in the middle of its turn", await this.gone);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", interrupt);
    }
  }

  /** Ends it, by force if it takes too long. Resolves when nothing of it is left. */
  async end(): Promise<void> {
    this.#kin?.look();
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.kill(), this.#options.patience.endMs);
    await this.gone;
    clearTimeout(timer);
  }

  kill(): void {
    this.#kin?.look();
    this.#child.kill("SIGKILL");
  }

  #stream() {
    const { stdin, stdout } = this.#child;
    return ndJsonStream(Writable.toWeb(stdin), Readable.toWeb(stdout) as ReadableStream<Uint8Array>);
  }

  async #gone(): Promise<string> {
    const exit = await exitOf(this.#child);
    // What doesn't end on SIGKILL now may do so later; the container's end looks for it again.
    await this.#kin?.end().catch(() => {});
    await outputEnd(this.#child);
    this.#ended = true;
    this.#session?.close();
    return exit;
  }

  #explain(error: unknown, what: string, exit: string): AgentFailure {
    if (error instanceof RequestError) return this.#refused(error);
    // Made plain first: what a terminal hides could stand in the middle of a secret.
    const words = scrub(plainLine(this.#lastWords), this.#options.secrets);
    const again = this.#child.pid !== undefined;
    return new AgentFailure(
      words === "" ? `${what} (${exit}).` : `${what} (${exit}): ${tail(words, MAX_LAST_WORDS)}`,
      again,
    );
  }

  #refused(error: RequestError): AgentFailure {
    const { data } = error as { data?: { details?: unknown } | null };
    const details = typeof data?.details === "string" ? ` (${data.details})` : "";
    const text = scrub(plainLine(`${error.message}${details}`), this.#options.secrets);
    const again = error.code !== AUTH_REQUIRED;
    return new AgentFailure(`The agent answered with an error: ${head(text, MAX_LAST_WORDS)}`, again);
  }
}
