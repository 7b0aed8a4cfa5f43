import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { removeFolder } from "../git/folders.ts";

/** Where one agent lives. The paths are the same for every process of the agent. */
export interface AgentFolders {
  readonly all: string;
  /** Its working folder; for a polecat, the checkout of its bead. */
  readonly work: string;
  readonly home: string;
  /** `XDG_CONFIG_HOME`. */
  readonly config: string;
  readonly tmp: string;
}

/** @param root the container's working folder */
export const agentFolders = (root: string, agent: string): AgentFolders => {
  const all = join(root, "agents", agent);
  const home = join(all, "home");
  return { all, work: join(all, "work"), home, config: join(home, ".config"), tmp: join(all, "tmp") };
};

/** Makes what an agent's process needs. */
export const makeFolders = async ({ work, home, tmp }: AgentFolders): Promise<void> => {
  for (const folder of [work, home, tmp]) await mkdir(folder, { recursive: true, mode: 0o700 });
};

/**
 * Makes an empty repository of a folder that is no checkout. Agents look upwards for the repository
 * that they are in, and take its root for their workspace and its AGENTS.md for their orders: they
 * must not find the one that the container's folder may happen to lie in.
 */
export const makeBoundary = async ({ work }: AgentFolders): Promise<void> => {
  for (const part of ["objects", "refs"]) await mkdir(join(work, ".git", part), { recursive: true });
  await writeFile(join(work, ".git", "HEAD"), "ref: refs/heads/main\n");
};

export const removeFolders = ({ all }: AgentFolders): Promise<void> => removeFolder(all);
