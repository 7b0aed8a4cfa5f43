import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RigOrder } from "../../../src/protocol/container/order.ts";
import { scratch } from "./scratch.ts";

const env = {
  PATH: process.env["PATH"],
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.org",
};

/** A bare repository with one commit on `main`. */
export class Repository {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Repository> {
    const folder = await scratch();
    const repository = new Repository(join(folder, "app.git"));
    const seed = join(folder, "seed");
    execFileSync("git", ["init", "-q", "--bare", "-b", "main", repository.path], { env });
    execFileSync("git", ["init", "-q", "-b", "main", seed], { env });
    writeFileSync(join(seed, "title"), "Untitled\n");
    execFileSync("git", ["add", "."], { env, cwd: seed });
    execFileSync("git", ["commit", "-q", "-m", "First"], { env, cwd: seed });
    execFileSync("git", ["push", "-q", repository.path, "main"], { env, cwd: seed });
    return repository;
  }

  git(...args: string[]): string {
    return execFileSync("git", args, { env, cwd: this.path, encoding: "utf8" }).trim();
  }

  /** The commit of a branch; `null` if there is no such branch. */
  commit(branch: string): string | null {
    return this.git("for-each-ref", "--format=%(objectname)", `refs/heads/${branch}`) || null;
  }

  get rig(): RigOrder {
    return { name: "app", gitUrl: this.path, branch: "main", credential: null };
  }
}
