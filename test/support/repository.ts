import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "./temporary.ts";

/** A real repository in a folder of its own. */
export interface Repository extends Disposable {
  /** Absolute; what a rig's `gitUrl` takes. */
  readonly path: string;
  /** Runs git in it and gives what it printed. */
  git(...args: readonly string[]): string;
  /** Commits these files (path → content) on the branch, in a clone; gives the commit. */
  commit(files: Readonly<Record<string, string>>, message?: string): string;
  /** The commit of the branch. */
  head(): string;
  /** The content of a file on the branch, without the last line feeds; `null` if there is none. */
  read(file: string): string | null;
}

interface Options {
  /** As on a host; else a working copy with the branch checked out. */
  readonly bare?: boolean;
  readonly branch?: string;
  /** The first commit; by default a README. */
  readonly files?: Readonly<Record<string, string>>;
}

/** No setting of the person who runs the tests gets in, and every commit has an author. */
const ENVIRONMENT = {
  PATH: process.env["PATH"],
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "A Person",
  GIT_AUTHOR_EMAIL: "person@example.org",
  GIT_COMMITTER_NAME: "A Person",
  GIT_COMMITTER_EMAIL: "person@example.org",
};

const runGit = (cwd: string, args: readonly string[]): string =>
  execFileSync("git", args, {
    cwd,
    env: ENVIRONMENT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
  }).trimEnd();

/**
 * @example
 * using repository = makeRepository({ bare: true, files: { "a.txt": "a\n" } });
 */
export const makeRepository = ({
  bare = false,
  branch = "main",
  files = { "README.md": "# A repository\n" },
}: Options = {}): Repository => {
  const folder = temporaryFolder();
  const path = join(folder.path, bare ? "repository.git" : "repository");
  const copy = bare ? join(folder.path, "copy") : path;
  runGit(folder.path, ["init", "-q", "-b", branch, ...(bare ? ["--bare"] : []), path]);
  if (bare) runGit(folder.path, ["clone", "-q", path, copy]);
  if (bare) runGit(copy, ["checkout", "-q", "-B", branch]);

  const commit: Repository["commit"] = (changes, message = "A change") => {
    if (bare && runGit(path, ["for-each-ref", `refs/heads/${branch}`]) !== "") {
      runGit(copy, ["pull", "-q", "--ff-only", "origin", branch]);
    }
    for (const [file, content] of Object.entries(changes)) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      writeFileSync(join(copy, file), content);
    }
    runGit(copy, ["add", "-A"]);
    runGit(copy, ["commit", "-q", "-m", message]);
    if (bare) runGit(copy, ["push", "-q", "origin", branch]);
    return runGit(copy, ["rev-parse", "HEAD"]);
  };
  commit(files, "The first commit");

  return {
    path,
    git: (...args) => runGit(path, args),
    commit,
    head: () => runGit(path, ["rev-parse", branch]),
    read: (file) => {
      try {
        return runGit(path, ["show", `${branch}:${file}`]);
      } catch {
        return null;
      }
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
};
