import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { RigOrder } from "../../src/protocol/container/order.ts";
import { HttpRemote } from "./http-remote.ts";
import { agreeing, commitAll, git, mergeOf, never, type Place, rigAt, test, write } from "./with-place.ts";

/*
 * Repositories that don't have all of their history, or not all of it in themselves: work goes through them like
 * through any other, or the check says why it can't.
 */

/** A repository with a few commits on `main`. */
const upstream = (place: Place): string => {
  const folder = place.repository("upstream", { "a.txt": "1\n", "dir/b.txt": "1\n" });
  for (const text of ["2\n", "3\n"]) {
    write(folder, { "a.txt": text });
    commitAll(folder, `a is ${text}`);
  }
  git(folder, "config", "uploadpack.allowFilter", "true");
  return folder;
};

const clone = (place: Place, ...how: string[]): string => {
  const from = upstream(place);
  git(place.folder, "clone", "--quiet", ...how, `file://${from}`, "clone");
  return place.path("clone");
};

/** Two beads, one after the other, the second on top of what somebody pushed in between. */
const expectWork = async (place: Place, rig: RigOrder, repository: string): Promise<void> => {
  const work = place.work();
  expect(await work.check(rig, never())).toEqual({
    outcome: "ready",
    branch: "main",
    head: git(repository, "rev-parse", "main"),
  });
  const gates = ["git log -1 --format=%s", "test -f a.txt"];
  for (const bead of ["b1", "b2"]) {
    const commit = await place.delivered(work, rig, bead, { [`${bead}.txt`]: "x\n" });
    const merging = work.merge(mergeOf(rig, bead, commit, { gates }), agreeing, never());
    expect(await merging).toEqual({ outcome: "merged", mergeCommit: git(repository, "rev-parse", "main") });
    place.outsider(repository, { [`after-${bead}.txt`]: "x\n" }, `other-${bead}`);
  }
  expect(git(repository, "ls-tree", "--name-only", "main").split("\n")).toEqual([
    "a.txt",
    "b1.txt",
    "b2.txt",
    "dir",
  ]);
};

describe("work goes through", () => {
  test("a shallow working copy", async ({ place }) => {
    const folder = clone(place, "--depth=1");
    await expectWork(place, rigAt(folder), folder);
    expect(git(folder, "status", "--porcelain")).toBe("");
    expect(git(folder, "rev-parse", "--is-shallow-repository")).toBe("true");
  });

  test("a shallow bare repository behind a URL", async ({ place }) => {
    const folder = clone(place, "--depth=1", "--bare", "--no-single-branch");
    await expectWork(place, rigAt(`file://${folder}`), folder);
  });

  test("a shallow repository on a server", async ({ place }) => {
    const folder = clone(place, "--depth=2", "--bare");
    const remote = new HttpRemote(place.folder, null);
    await remote.open();
    try {
      await expectWork(place, rigAt(remote.url("clone")), folder);
    } finally {
      remote.close();
    }
  });

  test("a shallow repository that gets another depth while work is under way", async ({ place }) => {
    const folder = clone(place, "--depth=2");
    const rig = rigAt(folder);
    const work = place.work();
    const commit = await place.delivered(work, rig, "b1", { "b1.txt": "x\n" });
    write(place.path("upstream"), { "c.txt": "x" });
    commitAll(place.path("upstream"), "more");
    git(folder, "fetch", "--quiet", "--depth=1", "origin", "main");
    git(folder, "reset", "--quiet", "--hard", "FETCH_HEAD");
    // No history is common any more, as far as anybody can tell here.
    expect(await work.merge(mergeOf(rig, "b1", commit), agreeing, never())).toMatchObject({
      outcome: "conflict",
    });
    git(folder, "fetch", "--quiet", "--unshallow", "origin");
    const again = await place.delivered(work, rig, "b2", { "b2.txt": "x\n" });
    expect(await work.merge(mergeOf(rig, "b2", again), agreeing, never())).toMatchObject({
      outcome: "merged",
    });
  });

  test("a repository that borrows its objects", async ({ place }) => {
    const from = upstream(place);
    git(place.folder, "clone", "--quiet", "--shared", from, "clone");
    await expectWork(place, rigAt(place.path("clone")), place.path("clone"));
  });

  test("a sparse working copy, which stays sparse", async ({ place }) => {
    const folder = clone(place);
    git(folder, "sparse-checkout", "set", "nothing");
    write(folder, { "dir/mine.txt": "mine\n" });
    const work = place.work();
    const commit = await place.delivered(work, rigAt(folder), "b1", { "dir/b.txt": "2\n", "a.txt": "4\n" });
    const merging = work.merge(mergeOf(rigAt(folder), "b1", commit), agreeing, never());
    expect(await merging).toMatchObject({ outcome: "merged" });
    expect(git(folder, "status", "--porcelain")).toBe("?? dir/mine.txt");
    expect(git(folder, "show", "main:dir/b.txt")).toBe("2");
  });

  test("a repository with replaced objects, which are the owner's own view", async ({ place }) => {
    const folder = upstream(place);
    git(folder, "replace", "--graft", "HEAD~1");
    await expectWork(place, rigAt(folder), folder);
  });

  test("a partial clone that has all that is needed", async ({ place }) => {
    const folder = clone(place, "--filter=blob:limit=1m");
    await expectWork(place, rigAt(folder), folder);
  });
});

describe("the check says why it can't be worked with", () => {
  test("a partial clone", async ({ place }) => {
    const folder = clone(place, "--filter=blob:none", "--no-checkout");
    git(folder, "remote", "set-url", "origin", place.path("gone"));
    expect(await place.work().check(rigAt(folder), never())).toEqual({
      outcome: "failed",
      reason: `${folder} is a partial clone: objects are missing from it. Make it whole there (git fetch --refetch --no-filter), or give the rig the repository that it was cloned from.`,
    });
  });

  test("grafts", async ({ place }) => {
    const folder = upstream(place);
    writeFileSync(join(folder, ".git", "info", "grafts"), `${git(folder, "rev-parse", "HEAD~1")}\n`);
    expect(await place.work().check(rigAt(folder), never())).toEqual({
      outcome: "failed",
      reason: `${folder} has grafts (info/grafts), which change its history for git there alone. Make them lasting or remove them, then try again.`,
    });
  });

  test("borrowed objects that are gone", async ({ place }) => {
    const from = upstream(place);
    git(place.folder, "clone", "--quiet", "--shared", from, "clone");
    git(place.path("clone"), "repack", "-adlq");
    writeFileSync(
      join(place.path("clone"), ".git", "objects", "info", "alternates"),
      `${place.path("gone")}\n`,
    );
    expect(await place.work().check(rigAt(place.path("clone")), never())).toMatchObject({
      outcome: "failed",
      reason: expect.stringMatching(/objects.*alternates/),
    });
  });
});
