import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test as base, vi } from "vitest";
import { createGitWork, type GitWork, type GitWorkOptions } from "../../container/git/git-work.ts";
import type { MergeOrder, RigOrder } from "../../src/protocol/container/order.ts";

// Each test starts dozens of processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

/** Content by path, in the place of whatever is there; `null` removes. */
export type Files = Readonly<Record<string, string | null>>;

const WHO = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Outsider",
  GIT_AUTHOR_EMAIL: "outsider@example.org",
  GIT_COMMITTER_NAME: "Outsider",
  GIT_COMMITTER_EMAIL: "outsider@example.org",
};

/** Runs the user's own git. */
export const git = (cwd: string, ...args: string[]): string =>
  execFileSync("git", args, {
    cwd,
    env: { PATH: process.env["PATH"], ...WHO },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trimEnd();

/** As {@link git}, with the output as it comes. */
export const gitBytes = (cwd: string, ...args: string[]): Buffer =>
  execFileSync("git", args, { cwd, env: { PATH: process.env["PATH"], ...WHO } });

export const write = (folder: string, files: Files): void => {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    rmSync(file, { recursive: true, force: true });
    if (content === null) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
};

export const commitAll = (folder: string, message: string): string => {
  git(folder, "add", "--all", "--force");
  git(folder, "commit", "--quiet", "--allow-empty", "-m", message);
  return git(folder, "rev-parse", "HEAD");
};

/** A folder of its own for one test, and what a test needs in it. */
export class Place {
  readonly folder: string;
  /** The private work root of {@link Place.work}. */
  readonly workRoot: string;
  readonly log: string[] = [];
  /** Every commit that {@link Place.outsider} pushed. */
  readonly outsiders: string[] = [];
  #count = 0;

  constructor(folder: string) {
    this.folder = folder;
    this.workRoot = join(folder, "curfew");
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** A place within this one. */
  inner(name: string): Place {
    mkdirSync(this.path(name));
    return new Place(this.path(name));
  }

  work(options: Partial<GitWorkOptions> = {}): GitWork {
    const log = (line: string) => this.log.push(line);
    const env = { PATH: process.env["PATH"] };
    return createGitWork({ folder: this.workRoot, now: Date.now, log, env, ...options });
  }

  /** A repository with a working copy, on branch `main`. */
  repository(name: string, files: Files = { "README.md": "hello\n" }): string {
    const folder = this.path(name);
    git(this.folder, "init", "--quiet", "--initial-branch=main", folder);
    write(folder, files);
    commitAll(folder, "first");
    return folder;
  }

  /** A bare repository with one commit on `main`, and a log of everything that moves its branches. */
  bare(name: string, files?: Files): string {
    const source = this.repository(`${name}-source`, files);
    const folder = this.path(name);
    git(this.folder, "clone", "--quiet", "--bare", source, folder);
    git(folder, "config", "core.logAllRefUpdates", "always");
    return folder;
  }

  /** What somebody else does meanwhile: a commit pushed to a branch. */
  outsider(repository: string, files: Files, branch = "main", message = "by an outsider"): string {
    const clone = this.path(`outsider-${++this.#count}`);
    git(this.folder, "clone", "--quiet", repository, clone);
    git(clone, "checkout", "--quiet", "-B", branch);
    write(clone, files);
    const commit = commitAll(clone, message);
    git(clone, "push", "--quiet", "origin", `HEAD:refs/heads/${branch}`);
    rmSync(clone, { recursive: true });
    this.outsiders.push(commit);
    return commit;
  }

  /** A bead's delivered work, as a polecat's turn ends. */
  async delivered(work: GitWork, rig: RigOrder, bead: string, files: Files): Promise<string> {
    const directory = this.path(`checkout-${bead}`);
    const branch = beadBranch(bead);
    const checkout = await work.checkout({ rig, branch, directory }, never());
    write(directory, files);
    commitAll(directory, `Work of ${bead}`);
    const title = `Work of ${bead}`;
    const delivery = await work.deliver(checkout, { rig, title, agent: "polecat-1" }, never());
    if (delivery.outcome !== "done") throw new Error(`${bead} delivered nothing`);
    return delivery.commit;
  }
}

export const never = (): AbortSignal => new AbortController().signal;

export const TOWN = "taaaaaaaaaaaaaaaaaaaa";

export const beadBranch = (bead: string): string => `curfew/${TOWN}/${bead}`;

export const rigAt = (gitUrl: string, extra: Partial<RigOrder> = {}): RigOrder => ({
  name: "rig",
  gitUrl,
  branch: "main",
  credential: null,
  ...extra,
});

export const mergeOf = (
  rig: RigOrder,
  bead: string,
  commit: string,
  extra: Partial<MergeOrder> = {},
): MergeOrder => ({
  kind: "merge",
  runId: "r1",
  fence: 1,
  maxMs: 600_000,
  rig,
  bead,
  title: `Work of ${bead}`,
  branch: beadBranch(bead),
  commit,
  gates: [],
  gateMaxMs: 600_000,
  intent: null,
  ...extra,
});

/** Hooks that agree to everything. */
export const agreeing = { gate: () => {}, intent: () => Promise.resolve() };

export const test = base.extend<{ place: Place }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the parameter's own text
  place: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "curfew-git-"));
    await use(new Place(folder));
    rmSync(folder, { recursive: true, force: true });
  },
});
