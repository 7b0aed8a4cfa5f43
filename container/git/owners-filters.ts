import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { configText } from "./git-config.ts";
import type { Session } from "./session.ts";

/** Where a person's git is configured, beside their repositories. */
const placesOf = (home: string): readonly string[] => [
  "/etc/gitconfig",
  join(home, ".config", "git", "config"),
  join(home, ".gitconfig"),
];

const maySetFilters = (file: string): boolean => {
  try {
    return /\[\s*(filter|include)/i.test(readFileSync(file, "utf8"));
  } catch {
    return false;
  }
};

/**
 * An environment in which git knows the filters that the owner of a working copy has set up for themself (Git LFS,
 * say). Without them every file under one looks changed. Only for commands in the owner's own copy, where their own
 * git runs the same; of their other settings nothing is taken over.
 */
export const ownersFilters = async (session: Session): Promise<Readonly<Record<string, string>>> => {
  const { git, folder, workshop, remote } = session;
  if (remote.protocol !== "file") return {};
  const places = placesOf(workshop.home).filter(maySetFilters);
  if (places.length === 0) return {};
  const file = join(folder, "config-of-copies");
  if (!existsSync(file)) {
    const entries: [section: string, name: string, value: string][] = [];
    for (const place of places) {
      const ask = ["config", `--file=${place}`, "--includes", "-z", "--get-regexp", "^filter\\."];
      const { output } = await git(ask, { accept: [0, 1, 3, 128] });
      for (const [, name = "", key = "", value = ""] of output.matchAll(
        /filter\.([^\0\n]*)\.(\w+)\n?([^\0]*)\0/g,
      )) {
        entries.push([`filter "${name.replace(/["\\]/g, "\\$&")}"`, key, value]);
      }
    }
    const own = readFileSync(join(folder, "config"), "utf8");
    await writeFile(file, own + configText(entries), { mode: 0o600 });
  }
  return { GIT_CONFIG_GLOBAL: file };
};
