import { expect } from "vitest";
import type { BeadSummary } from "../../src/protocol/bead.ts";
import type { Repository } from "./repository.ts";

const lines = (text: string): string[] => (text === "" ? [] : text.split("\n"));

/**
 * Expects that a branch got each of these beads, closed now, by exactly one commit of work and one merge
 * commit, and no other merge.
 */
export const expectMergedOnce = (
  repository: Repository,
  beads: readonly BeadSummary[],
  branch = "main",
): void => {
  expect(beads.map(({ status }) => status)).toEqual(beads.map(() => "closed"));
  const merges = lines(repository.git("log", "--merges", "--format=%H", branch));
  expect(merges.toSorted()).toEqual(beads.map(({ mergeCommit }) => mergeCommit ?? "").toSorted());
  const titles = lines(repository.git("log", "--no-merges", "--format=%s", branch));
  for (const { title } of beads) expect(titles.filter((line) => line === title)).toEqual([title]);
};
