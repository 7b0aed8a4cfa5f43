import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const AUTHOR = ["-c", "user.name=A Person", "-c", "user.email=person@example.org"];

const git = (cwd: string, ...args: string[]): void => {
  execFileSync("git", [...AUTHOR, ...args], { cwd, stdio: ["ignore", "ignore", "inherit"] });
};

/** Commits a file on the branch that is checked out. */
export const commit = (repository: string, file: string, content: string): void => {
  writeFileSync(join(repository, file), content);
  git(repository, "add", file);
  git(repository, "commit", "-q", "-m", `Add ${file}`);
};

/** A small repository, as a working copy on `main`. @returns its path */
export const makeWorkingCopy = (folder: string, name: string): string => {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  git(path, "init", "-q", "-b", "main", "--template=");
  commit(path, "README.md", `# ${name}\n`);
  return path;
};

/** A small repository as on a host. @returns its path */
export const makeBare = (folder: string, name: string): string => {
  const copy = makeWorkingCopy(folder, `${name}.copy`);
  git(folder, "clone", "-q", "--bare", "--template=", copy, name);
  execFileSync("rm", ["-rf", copy]);
  return join(folder, name);
};
