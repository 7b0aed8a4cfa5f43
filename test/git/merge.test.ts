import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { agreeing, beadBranch, git, mergeOf, never, rigAt, test, write } from "./with-place.ts";

describe("merging a bead", () => {
  test("makes a merge commit that names the bead, even where fast-forward would do", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const work = place.work({ now: () => 1_700_000_000_000 });
    const commit = await place.delivered(work, rig, "b7", { "work.txt": "x" });
    const onto = git(bare, "rev-parse", "main");
    const intents: unknown[] = [];
    const hooks = { ...agreeing, intent: async (intent: unknown) => void intents.push(intent) };

    const title = "Say hello\n\nCurfew-Bead: b9";
    const result = await work.merge(mergeOf(rig, "b7", commit, { title }), hooks, never());
    const mergeCommit = git(bare, "rev-parse", "main");
    expect(result).toEqual({ outcome: "merged", mergeCommit });
    expect(intents).toEqual([{ commit: mergeCommit, onto }]);
    expect(git(bare, "rev-list", "--parents", "-1", mergeCommit)).toBe(`${mergeCommit} ${onto} ${commit}`);
    expect(git(bare, "log", "-1", "--format=%an %ct %B", mergeCommit)).toBe(
      "Curfew refinery 1700000000 Merge bead b7: Say hello Curfew-Bead: b9\n\nCurfew-Bead: b7",
    );
    expect(git(bare, "log", "-1", "--format=%(trailers:key=Curfew-Bead,valueonly)", mergeCommit)).toBe("b7");
    expect(readdirSync(join(place.workRoot, "temporary"))).toEqual([]);
  });

  test("goes to the default branch where the rig names none", async ({ place }) => {
    const bare = place.bare("remote.git");
    git(bare, "branch", "--move", "main", "trunk");
    const rig = rigAt(bare, { branch: null });
    const work = place.work();
    const commit = await place.delivered(work, rig, "b1", { "work.txt": "x" });
    expect(await work.merge(mergeOf(rig, "b1", commit), agreeing, never())).toEqual({
      outcome: "merged",
      mergeCommit: git(bare, "rev-parse", "trunk"),
    });
  });

  test("names the files that conflict, and changes nothing", async ({ place }) => {
    const bare = place.bare("remote.git", { "a b.txt": "1\n", "c.txt": "1\n", "d.txt": "1\n" });
    const rig = rigAt(bare);
    const work = place.work();
    const commit = await place.delivered(work, rig, "b1", {
      "a b.txt": "mine\n",
      "c.txt": "mine\n",
      "d.txt": "2\n",
    });
    const head = place.outsider(bare, { "a b.txt": "theirs\n", "c.txt": null });
    const result = await work.merge(mergeOf(rig, "b1", commit), agreeing, never());
    expect(result).toEqual({
      outcome: "conflict",
      reason: `${beadBranch("b1")} conflicts with the rig's branch in a b.txt, c.txt.`,
    });
    expect(git(bare, "rev-parse", "main")).toBe(head);
  });

  test("is a conflict where the branch has got another history", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const work = place.work();
    const commit = await place.delivered(work, rig, "b1", { "work.txt": "x" });
    git(place.repository("other"), "push", "--quiet", "--force", bare, "main");
    git(place.repository("anew", { z: "z" }), "push", "--quiet", "--force", bare, "main");
    const result = await work.merge(mergeOf(rig, "b1", commit), agreeing, never());
    expect(result).toEqual({
      outcome: "conflict",
      reason: `${beadBranch("b1")} and the rig's branch have no common history.`,
    });
  });

  test("starts over when the branch moves before the push, and gives up after three times", async ({
    place,
  }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const work = place.work();
    const commit = await place.delivered(work, rig, "b1", { "work.txt": "x" });
    let moves = 3;
    let intents = 0;
    const hooks = {
      ...agreeing,
      intent: async () => {
        intents++;
        if (moves-- > 0) place.outsider(bare, { "theirs.txt": String(moves) });
      },
    };
    expect(await work.merge(mergeOf(rig, "b1", commit), hooks, never())).toEqual({
      outcome: "failed",
      reason: "The branch main moved 3 times while the bead was merged into it.",
      again: true,
    });
    expect(intents).toBe(3);
    moves = 2;
    expect(await work.merge(mergeOf(rig, "b1", commit), hooks, never())).toMatchObject({ outcome: "merged" });
    expect(git(bare, "log", "--first-parent", "--format=%s", "main").split("\n")).toEqual([
      "Merge bead b1: Work of b1",
      ...Array.from({ length: 5 }, () => "by an outsider"),
      "first",
    ]);
  });

  test("fails for good when the repository's own hook refuses", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const work = place.work();
    const commit = await place.delivered(work, rig, "b1", { "work.txt": "x" });
    write(bare, { "hooks/update": "#!/bin/sh\necho protected >&2\nexit 1\n" });
    chmodSync(join(bare, "hooks", "update"), 0o755);
    expect(await work.merge(mergeOf(rig, "b1", commit), agreeing, never())).toEqual({
      outcome: "failed",
      reason: expect.stringMatching(/refused the merge into main: hook declined: .*protected/),
      again: false,
    });
  });

  test("says that the bead's commit or the branch is gone", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const work = place.work();
    await place.delivered(work, rig, "b1", { "work.txt": "x" });
    const unknown = "0123456789".repeat(4);
    expect(await work.merge(mergeOf(rig, "b1", unknown), agreeing, never())).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining(`no longer has ${beadBranch("b1")}'s commit`),
      again: false,
    });
    git(bare, "branch", "--move", "main", "trunk");
    expect(await work.merge(mergeOf(rig, "b1", unknown), agreeing, never())).toMatchObject({
      outcome: "failed",
      reason: `${bare} has no branch main.`,
    });
  });

  test("fails, to be tried again, when the town can't record the intent", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const work = place.work();
    const commit = await place.delivered(work, rig, "b1", { "work.txt": "x" });
    const hooks = { ...agreeing, intent: () => Promise.reject(new Error("the socket is closed")) };
    const result = await work.merge(mergeOf(rig, "b1", commit), hooks, never());
    expect(result).toMatchObject({ outcome: "failed", again: true });
    expect(git(bare, "log", "--format=%s", "main")).toBe("first");
  });
});

describe("a bead that is on the branch already", () => {
  test("is merged by the commit that brought it in", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const work = place.work();
    const first = await place.delivered(work, rig, "b1", { "one.txt": "x" });
    const second = await place.delivered(work, rig, "b2", { "two.txt": "x" });
    const merged = await work.merge(mergeOf(rig, "b1", first), agreeing, never());
    expect(merged.outcome).toBe("merged");
    await work.merge(mergeOf(rig, "b2", second), agreeing, never());
    place.outsider(bare, { "later.txt": "x" });
    const silent = { gate: () => {}, intent: () => Promise.reject(new Error("there is nothing to push")) };
    expect(await work.merge(mergeOf(rig, "b1", first), silent, never())).toEqual(merged);
  });

  test("is merged by itself where somebody fast-forwarded the branch over it", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const work = place.work();
    const commit = await place.delivered(work, rig, "b1", { "one.txt": "x" });
    for (const move of [
      () => git(bare, "branch", "--force", "main", commit),
      () => place.outsider(bare, { later: "x" }),
    ]) {
      move();
      expect(await work.merge(mergeOf(rig, "b1", commit), agreeing, never())).toEqual({
        outcome: "merged",
        mergeCommit: commit,
      });
    }
  });

  test("is merged by somebody else's merge that came as part of a larger one", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const work = place.work();
    const commit = await place.delivered(work, rig, "b1", { "one.txt": "x" });
    const clone = place.path("clone");
    git(place.folder, "clone", "--quiet", bare, clone);
    git(clone, "checkout", "--quiet", "-b", "side");
    git(clone, "merge", "--quiet", "--no-ff", "-m", "into side", commit);
    git(clone, "checkout", "--quiet", "main");
    git(clone, "merge", "--quiet", "--no-ff", "-m", "side into main", "side");
    const mergeCommit = git(clone, "rev-parse", "HEAD");
    git(clone, "push", "--quiet", "origin", "main");
    place.outsider(bare, { later: "x" });
    expect(await work.merge(mergeOf(rig, "b1", commit), agreeing, never())).toEqual({
      outcome: "merged",
      mergeCommit,
    });
  });
});

describe("a default branch that was renamed", () => {
  const wasDefault = (url: string) => rigAt(url, { branch: "main", branchIsDefault: true });

  test("is found again by check, checkout and merge, which say so", async ({ place }) => {
    const bare = place.bare("remote.git");
    const work = place.work();
    const early = await place.delivered(work, wasDefault(bare), "b1", { "b1.txt": "x" });
    git(bare, "branch", "--move", "main", "trunk");
    const merging = await work.merge(mergeOf(wasDefault(bare), "b1", early), agreeing, never());
    const head = git(bare, "rev-parse", "trunk");
    expect(merging).toEqual({ outcome: "merged", mergeCommit: head, target: "trunk" });
    expect(await work.check(wasDefault(bare), never())).toEqual({ outcome: "ready", branch: "trunk", head });

    const wanted = { rig: wasDefault(bare), branch: beadBranch("b2"), directory: place.path("b2") };
    const checkout = await work.checkout(wanted, never());
    expect(checkout.target).toBe("trunk");
    write(place.path("b2"), { "b2.txt": "x" });
    const order = { rig: wasDefault(bare), title: "t", agent: "polecat-1" };
    expect(await work.deliver(checkout, order, never())).toMatchObject({ outcome: "done", target: "trunk" });
    expect(git(bare, "branch", "--list", "main")).toBe("");
  });

  test("is not followed where the branch was asked for, or is still there", async ({ place }) => {
    const bare = place.bare("remote.git");
    git(bare, "branch", "trunk");
    git(bare, "symbolic-ref", "HEAD", "refs/heads/trunk");
    const work = place.work();
    expect(await work.check(wasDefault(bare), never())).toMatchObject({ branch: "main" });
    git(bare, "branch", "--delete", "--force", "main");
    expect(await work.check(rigAt(bare), never())).toEqual({
      outcome: "failed",
      reason: `${bare} has no branch main.`,
    });
  });
});
