import { chmodSync, existsSync, readdirSync, watch } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { MergeHooks } from "../../container/git/git-work.ts";
import { git, mergeOf, never, type Place, rigAt, test, write } from "./with-place.ts";

/*
 * Wherever a merge is cut off, the next run, given the intent that the town had recorded last, ends
 * with the bead merged exactly once. The next run finds the work root as it was left, or (after a
 * sleep of the container) an empty one.
 */

interface Intent {
  readonly commit: string;
  readonly onto: string;
}

/** Cuts a merge off by the moment's own means. */
type Cut = (at: {
  readonly bare: string;
  readonly place: Place;
  readonly cancel: AbortController;
}) => Partial<MergeHooks>;

const MOMENTS: Readonly<Record<string, Cut>> = {
  "after a gate": ({ cancel }) => ({ gate: () => cancel.abort() }),
  "before the intent is recorded": ({ cancel }) => ({
    intent: () => {
      cancel.abort();
      return Promise.reject(new Error("the town never heard of it"));
    },
  }),
  "after the intent is recorded, before the push": ({ cancel }) => ({
    intent: async () => cancel.abort(),
  }),
  "after the push arrived, before its answer": ({ bare, place, cancel }) => {
    // The server has moved the branch, and never gets round to saying so.
    write(bare, { "hooks/post-receive": `#!/bin/sh\ntouch '${place.path("arrived")}'\nexec sleep 1000\n` });
    chmodSync(join(bare, "hooks", "post-receive"), 0o755);
    const watcher = watch(place.folder, () => {
      if (!existsSync(place.path("arrived"))) return;
      watcher.close();
      write(bare, { "hooks/post-receive": null });
      cancel.abort();
    });
    return {};
  },
};

const mergesOf = (bare: string, bead: string): string[] =>
  git(bare, "log", "--format=%H %(trailers:key=Curfew-Bead,valueonly,separator=%x2C)", "main")
    .split("\n")
    .filter((line) => line.endsWith(` ${bead}`))
    .map((line) => line.split(" ")[0] ?? "");

describe("a merge that is cut off", () => {
  for (const [moment, cut] of Object.entries(MOMENTS)) {
    for (const disk of ["the same disk", "a wiped disk"]) {
      test(`hole (d): ${moment} is done once after all, on ${disk}`, async ({ place }) => {
        const bare = place.bare("remote.git");
        const rig = rigAt(bare);
        const work = place.work();
        const commit = await place.delivered(work, rig, "b1", { "work.txt": "x" });
        const cancel = new AbortController();
        let recorded: Intent | null = null;
        const hooks = cut({ bare, place, cancel });
        const first = await work.merge(
          mergeOf(rig, "b1", commit, { gates: ["true"] }),
          {
            gate: hooks.gate ?? (() => {}),
            intent: async (intent) => {
              await hooks.intent?.(intent).then(() => (recorded = intent));
              if (!hooks.intent) recorded = intent;
            },
          },
          cancel.signal,
        );
        expect(first).toEqual({ outcome: "cancelled" });
        expect(readdirSync(join(place.workRoot, "temporary"))).toEqual([]);

        place.outsider(bare, { "later.txt": "x" });
        const next = disk === "the same disk" ? place.work() : place.work({ folder: place.path("anew") });
        const record = { gate: () => {}, intent: async (intent: Intent) => void (recorded = intent) };
        const result = await next.merge(mergeOf(rig, "b1", commit, { intent: recorded }), record, never());
        expect(mergesOf(bare, "b1")).toHaveLength(1);
        expect(result).toEqual({ outcome: "merged", mergeCommit: mergesOf(bare, "b1")[0] });
        const { commit: mergeCommit } = recorded as unknown as Intent;
        expect(mergeCommit).toBe(mergesOf(bare, "b1")[0]);
      });
    }
  }

  test("into a branch that was rewound since is done again", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const work = place.work();
    const commit = await place.delivered(work, rig, "b1", { "work.txt": "x" });
    const before = git(bare, "rev-parse", "main");
    let intent: Intent | null = null;
    const record = { gate: () => {}, intent: async (next: Intent) => void (intent = next) };
    await work.merge(mergeOf(rig, "b1", commit), record, never());
    git(bare, "update-ref", "refs/heads/main", before);
    const result = await work.merge(mergeOf(rig, "b1", commit, { intent }), record, never());
    expect(result).toEqual({ outcome: "merged", mergeCommit: git(bare, "rev-parse", "main") });
    expect(mergesOf(bare, "b1")).toHaveLength(1);
  });

  test("leaves nothing that the next life of the work root would keep", async ({ place }) => {
    write(place.workRoot, { "temporary/merge-abc/key-1/key": "left by a container that was killed" });
    await place.work().check(rigAt(place.bare("remote.git")), never());
    expect(readdirSync(join(place.workRoot, "temporary"))).toEqual([]);
  });
});
