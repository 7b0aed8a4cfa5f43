import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { temporaryFolder } from "../support/temporary.ts";
import type { Made } from "./make/scene.ts";

export const ARCHIVES = ["rest", "work", "closing"] as const;
export type Archive = (typeof ARCHIVES)[number];

/** A state folder of an older version, in a place of its own. */
export interface Unpacked extends Disposable, Made {
  /** For `CURFEW_STATE`. */
  readonly state: string;
  /** Where its rigs' repositories are. */
  readonly repositories: string;
}

/** Rooms as the simulator keeps them: a database each, in a folder a class. */
export const roomFiles = (state: string, className: "Town" | "User" | "Agent"): string[] => {
  const folder = join(state, "worker", "v3", "do", `curfew-${className}`);
  return readdirSync(folder)
    .filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name))
    .map((name) => join(folder, name));
};

/** Works on the database of a room that nobody has open. */
export const inRoom = <T>(file: string, work: (db: DatabaseSync) => T): T => {
  const db = new DatabaseSync(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
};

const hasTable = (db: DatabaseSync, table: string): boolean =>
  db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table) !== undefined;

/** The only rows that are changed: where the repositories are now. */
const moveRigs = (state: string, from: string, to: string): void => {
  for (const file of roomFiles(state, "Town")) {
    inRoom(file, (db) => {
      if (hasTable(db, "rigs")) db.prepare("UPDATE rigs SET git_url = replace(git_url, ?, ?)").run(from, to);
    });
  }
};

/** @param name of an archive in `test/upgrade/state` */
export const unpack = (name: Archive): Unpacked => {
  const folder = temporaryFolder();
  const path = realpathSync(folder.path);
  execFileSync("tar", ["-xzf", join(import.meta.dirname, "state", `${name}.tar.gz`), "-C", path]);
  const text = readFileSync(join(path, "made.json"), "utf8");
  const made = JSON.parse(text) as Made & { readonly repositories: string };
  const state = join(path, "state");
  const repositories = join(path, "repositories");
  moveRigs(state, made.repositories, repositories);
  return { ...made, state, repositories, [Symbol.dispose]: () => folder[Symbol.dispose]() };
};
