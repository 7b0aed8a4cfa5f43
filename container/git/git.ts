import { dirname } from "node:path";
import { answerQuestions, sshCommand, withKeyFile } from "./credential.ts";
import { faultOf, GitFault, type Whereabouts } from "./fault.ts";
import { type EndingStep, type GroupOrder, runGroup } from "../../processes/group.ts";
import type { Remote } from "./remote.ts";
import { plainText } from "../../src/protocol/text.ts";
import type { Credential } from "../../src/protocol/rig.ts";
import { scrub, secretsOf } from "./scrub.ts";
import { Tail } from "./tail.ts";
import { timeSpan } from "./words.ts";

export interface GitOptions {
  /** Default: the operation's own folder. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  /** Exit codes that are an answer and no fault. Default: 0. */
  readonly accept?: readonly number[];
  /** The command talks to the rig's repository: only such a command gets at the credential. */
  readonly remote?: boolean;
  /** Default: SIGTERM, on which git removes its locks, and SIGKILL two seconds later. */
  readonly ending?: readonly EndingStep[];
  /** Instead of being collected, output goes here. */
  readonly onOutput?: (chunk: Buffer) => void;
}

export interface GitAnswer {
  readonly exitCode: number;
  readonly output: string;
  /** The same as it came: names need not be UTF-8. */
  readonly bytes: Buffer;
  /** The last of what git wrote on its error output, free of secrets. */
  readonly errors: string;
}

/** Runs one git command. @throws GitFault */
export type Git = (args: readonly string[], options?: GitOptions) => Promise<GitAnswer>;

/** What all commands of one operation have in common. */
export interface GitGround {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** An empty folder, in the place of hooks. */
  readonly nothing: string;
  readonly knownHosts: string;
  readonly remote: Remote;
  readonly credential: Credential | null;
  readonly at: Whereabouts;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const ENDING: readonly EndingStep[] = [
  { signal: "SIGTERM", afterMs: 0 },
  { signal: "SIGKILL", afterMs: 2000 },
];

/** Of what git writes on its error output, the end says what went wrong. */
const MAX_ERRORS_BYTES = 16 * 1024;

type Access = Pick<GroupOrder, "env" | "channel">;

/** Runs a job with what lets git in at the rig's repository. */
const withAccess = <T>(ground: GitGround, job: (access: Access) => Promise<T>): Promise<T> => {
  const { credential, remote, env, folder, knownHosts } = ground;
  if (remote.protocol === "ssh") {
    const run = (keyFile: string | null) =>
      job({ env: { ...env, GIT_SSH_COMMAND: sshCommand(knownHosts, keyFile), GIT_SSH_VARIANT: "ssh" } });
    return credential?.kind === "ssh" ? withKeyFile(folder, credential.privateKey, run) : run(null);
  }
  if (credential?.kind === "token" && "origin" in remote) {
    return job({ env, channel: (socket) => answerQuestions(socket, remote, credential) });
  }
  return job({ env });
};

const startFault = (error: unknown): GitFault =>
  (error as NodeJS.ErrnoException).code === "ENOENT"
    ? new GitFault("failed", "There is no git where Curfew runs, or the folder to work in is gone.", false)
    : new GitFault("failed", "git could not be started.");

/** @returns the way to run git for one operation */
export const gitOf = (ground: GitGround): Git => {
  const secrets = secretsOf(ground.credential);
  // These win over a repository's own configuration, which could name programs to start.
  const overrides = ["-c", `core.hooksPath=${ground.nothing}`, "-c", "core.fsmonitor=false"];

  return async (args, options = {}) => {
    const { cwd = ground.folder, accept = [0], ending = ENDING, onOutput, input } = options;
    const output: Buffer[] = [];
    const tail = new Tail(MAX_ERRORS_BYTES);
    const run = ({ env, channel }: Access) =>
      runGroup({
        command: "git",
        args: [...overrides, ...args],
        cwd,
        // Were the folder no repository, git would take the next one above it: the user's own, perhaps.
        env: { ...env, GIT_CEILING_DIRECTORIES: dirname(cwd), ...options.env },
        signal: ground.signal,
        timeoutMs: ground.timeoutMs,
        ending,
        sweep: false, // A hook of the rig's own repository may leave something running.
        onOutput: onOutput ?? ((chunk) => output.push(chunk)),
        onError: (chunk) => tail.push(chunk),
        ...(input === undefined ? {} : { input }),
        ...(channel ? { channel } : {}),
      });
    const plain: Access = { env: ground.env };
    const { exitCode, stopped } = await (options.remote ? withAccess(ground, run) : run(plain)).catch(
      (error: unknown) => {
        throw startFault(error);
      },
    );
    if (stopped === "aborted") throw new GitFault("cancelled", "Cancelled.");
    const command = args.find((arg) => /^[a-z][a-z-]*$/.test(arg)) ?? "";
    if (stopped === "timeout") {
      throw new GitFault(
        "unreachable",
        `git ${command} did not end within ${timeSpan(ground.timeoutMs)} (${ground.at.shown}).`,
      );
    }
    const errors = scrub(plainText(tail.text()), secrets);
    if (exitCode === null || !accept.includes(exitCode))
      throw faultOf(command, errors, options.remote === true, ground.at);
    const bytes = Buffer.concat(output);
    return { exitCode, output: bytes.toString("utf8"), bytes, errors };
  };
};
