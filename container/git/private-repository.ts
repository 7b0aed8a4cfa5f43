import { existsSync } from "node:fs";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mirrorFolder } from "./mirror.ts";
import type { Session } from "./session.ts";

/**
 * A bare repository of our own on top of the mirror's objects. What is pushed is pushed from such a
 * one: its configuration can't have been written by an agent or a gate, and a mirror that somebody
 * else clones from at this moment isn't written to.
 *
 * @param commit any commit of the rig's: its length tells the object format
 */
export const makePrivateRepository = async (session: Session, commit: string): Promise<string> => {
  const repository = join(session.folder, "private.git");
  const format = `--object-format=${commit.length === 64 ? "sha256" : "sha1"}`;
  const template = `--template=${session.workshop.folders.nothing}`;
  await session.git(["init", "--bare", "--quiet", format, template, repository]);
  const mirror = mirrorFolder(session);
  const alternates = join(repository, "objects", "info", "alternates");
  await writeFile(alternates, `${join(mirror, "objects")}\n`);
  // Where history begins for the mirror, it begins here too: beyond it there are no objects.
  const shallow = join(mirror, "shallow");
  if (existsSync(shallow)) await copyFile(shallow, join(repository, "shallow"));
  return repository;
};
