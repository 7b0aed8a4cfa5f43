import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { beadBranch, commitAll, git, never, rigAt, test, write } from "./with-place.ts";

const order = (rig: ReturnType<typeof rigAt>) => ({ rig, title: "Say hello", agent: "polecat-3" });

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe("a bead's checkout", () => {
  test("is on the bead's branch at the target's newest commit", async ({ place }) => {
    const bare = place.bare("remote.git");
    const work = place.work();
    const directory = place.path("checkout");
    const wanted = { rig: rigAt(bare), branch: beadBranch("b1"), directory };
    await work.checkout(wanted, never());
    const newest = place.outsider(bare, { "later.txt": "x" });
    write(directory, { "left-over.txt": "of an earlier attempt" });

    const checkout = await work.checkout(wanted, never());
    expect(checkout).toEqual({ directory, base: newest, target: "main", branch: beadBranch("b1") });
    expect(git(directory, "rev-parse", "HEAD")).toBe(newest);
    expect(git(directory, "symbolic-ref", "--short", "HEAD")).toBe(beadBranch("b1"));
    expect(git(directory, "status", "--porcelain")).toBe("");
  });

  test("is made on the default branch where the rig names none", async ({ place }) => {
    const bare = place.bare("remote.git");
    git(bare, "branch", "--move", "main", "trunk");
    const wanted = {
      rig: rigAt(bare, { branch: null }),
      branch: beadBranch("b1"),
      directory: place.path("c"),
    };
    expect(await place.work().checkout(wanted, never())).toMatchObject({ target: "trunk" });
  });

  test("refers to nothing outside of it and shares no file with the user's repository", async ({ place }) => {
    const source = place.repository("source");
    const directory = place.path("checkout");
    await place.work().checkout({ rig: rigAt(source), branch: beadBranch("b1"), directory }, never());

    expect(git(directory, "remote")).toBe("");
    expect(existsSync(join(directory, ".git", "objects", "info", "alternates"))).toBe(false);
    expect(readFileSync(join(directory, ".git", "config"), "utf8")).not.toContain(place.workRoot);
    for (const folder of [source, directory, place.workRoot]) {
      for (const file of filesBelow(folder)) expect(statSync(file).nlink, file).toBe(1);
    }
    // It stands alone: all objects are in it.
    rmSync(place.workRoot, { recursive: true });
    rmSync(source, { recursive: true });
    expect(git(directory, "fsck", "--full")).toBe("");
  });

  test("leaves nothing behind where the repository has no such branch", async ({ place }) => {
    const directory = place.path("checkout");
    write(directory, { "old.txt": "x" });
    const wanted = {
      rig: rigAt(place.bare("remote.git"), { branch: "nope" }),
      branch: "curfew/t/b1",
      directory,
    };
    await expect(place.work().checkout(wanted, never())).rejects.toThrow("has no branch nope");
    expect(existsSync(directory)).toBe(false);
    expect(readdirSync(join(place.workRoot, "temporary"))).toEqual([]);
  });
});

describe("delivering a bead's work", () => {
  test("commits what the agent left uncommitted and pushes it", async ({ place }) => {
    const bare = place.bare("remote.git", { "a.txt": "1\n", "gone.txt": "x\n", ".gitignore": "build/\n" });
    const rig = rigAt(bare);
    const directory = place.path("checkout");
    const work = place.work({ now: () => 1_700_000_000_000 });
    const checkout = await work.checkout({ rig, branch: beadBranch("b1"), directory }, never());
    write(directory, { "a.txt": "1\n2\n", "gone.txt": null, "new/ü b.txt": "new\n", "build/out": "x" });

    const delivery = await work.deliver(checkout, order(rig), never());
    const commit = git(bare, "rev-parse", `refs/heads/${beadBranch("b1")}`);
    expect(delivery).toMatchObject({ outcome: "done", commit, base: checkout.base });
    expect(git(bare, "log", "-1", "--format=%an <%ae> %at %P %B", commit)).toBe(
      `Curfew polecat-3 <polecat-3@curfew.invalid> 1700000000 ${checkout.base} Say hello`,
    );
    expect(
      git(bare, "-c", "core.quotePath=false", "ls-tree", "-r", "--name-only", commit).split("\n"),
    ).toEqual([".gitignore", "a.txt", "new/ü b.txt"]);
    expect(delivery).toMatchObject({ diff: { truncated: false, files: 3, insertions: 2, deletions: 1 } });
    expect(delivery.outcome === "done" && delivery.diff.text).toContain(
      "+++ b/new/ü b.txt\t\n@@ -0,0 +1 @@\n+new\n",
    );
  });

  test("pushes the agent's own commits as they are", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const directory = place.path("checkout");
    const work = place.work();
    const checkout = await work.checkout({ rig, branch: beadBranch("b1"), directory }, never());
    write(directory, { "a.txt": "1" });
    git(directory, "add", "a.txt");
    git(directory, "commit", "--quiet", "-m", "mine");
    const mine = git(directory, "rev-parse", "HEAD");
    expect(await work.deliver(checkout, order(rig), never())).toMatchObject({
      outcome: "done",
      commit: mine,
    });

    // A second turn goes on from there.
    write(directory, { "b.txt": "2" });
    const again = await work.deliver(checkout, order(rig), never());
    expect(git(bare, "log", "--format=%s", beadBranch("b1")).split("\n")).toEqual([
      "Say hello",
      "mine",
      "first",
    ]);
    expect(again).toMatchObject({ outcome: "done", base: checkout.base });
  });

  test("sees a change that keeps a file's size and comes within the same second", async ({ place }) => {
    const bare = place.bare("remote.git", { "a.txt": "one\n" });
    const rig = rigAt(bare);
    const directory = place.path("checkout");
    const work = place.work();
    const checkout = await work.checkout({ rig, branch: beadBranch("b1"), directory }, never());
    writeFileSync(join(directory, "a.txt"), "two\n");
    await work.deliver(checkout, order(rig), never());
    expect(git(bare, "show", `${beadBranch("b1")}:a.txt`)).toBe("two");
  });

  test("is `no-commit` where there is nothing that the base hasn't", async ({ place }) => {
    const bare = place.bare("remote.git", { "a.txt": "1", ".gitignore": "ignored\n" });
    place.outsider(bare, { "a.txt": "2" });
    const rig = rigAt(bare);
    const directory = place.path("checkout");
    const work = place.work();
    const make = () => work.checkout({ rig, branch: beadBranch("b1"), directory }, never());
    const idle: ((folder: string) => void)[] = [
      () => {},
      (folder) => write(folder, { ignored: "x" }),
      (folder) => git(folder, "reset", "--quiet", "--hard", "HEAD~1"),
      (folder) => git(folder, "commit", "--quiet", "--allow-empty", "-m", "nothing"),
    ];
    for (const act of idle) {
      const checkout = await make();
      act(directory);
      expect(await work.deliver(checkout, order(rig), never())).toEqual({ outcome: "no-commit" });
      expect(git(bare, "branch", "--list", "curfew/*")).toBe("");
    }
  });

  test("replaces what an earlier attempt had pushed", async ({ place }) => {
    const bare = place.bare("remote.git");
    const work = place.work();
    await place.delivered(work, rigAt(bare), "b1", { "first.txt": "x" });
    const second = await place.delivered(work, rigAt(bare), "b1", { "second.txt": "x" });
    expect(git(bare, "rev-parse", beadBranch("b1"))).toBe(second);
  });

  test("delivers the files of a checkout whose repository the agent has destroyed", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const directory = place.path("checkout");
    const work = place.work();
    const elsewhere = place.repository("elsewhere", { "private.txt": "not the agent's" });
    const ruins: ((dotGit: string) => void)[] = [
      (dotGit) => rmSync(dotGit, { recursive: true }),
      (dotGit) => rmSync(join(dotGit, "objects"), { recursive: true }),
      (dotGit) => writeFileSync(join(dotGit, "HEAD"), "nonsense"),
      (dotGit) => writeFileSync(join(dotGit, "index"), "nonsense"),
      (dotGit) => {
        rmSync(dotGit, { recursive: true });
        symlinkSync(join(elsewhere, ".git"), dotGit);
      },
      (dotGit) => {
        rmSync(dotGit, { recursive: true });
        git(directory, "init", "--quiet");
        commitAll(directory, "a history of its own");
      },
    ];
    for (const ruin of ruins) {
      const checkout = await work.checkout({ rig, branch: beadBranch("b1"), directory }, never());
      write(directory, { "work.txt": "saved\n" });
      ruin(join(directory, ".git"));
      const delivery = await work.deliver(checkout, order(rig), never());
      expect(delivery).toMatchObject({ outcome: "done", diff: { files: 1, insertions: 1 } });
      expect(git(bare, "rev-parse", `${beadBranch("b1")}^`)).toBe(checkout.base);
      expect(git(bare, "show", `${beadBranch("b1")}:work.txt`)).toBe("saved");
    }
  });

  test("cuts a long diff at the end of a line and counts all of it", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const directory = place.path("checkout");
    const work = place.work();
    const checkout = await work.checkout({ rig, branch: beadBranch("b1"), directory }, never());
    const line = `${"ä".repeat(50)}\n`;
    write(directory, { "long.txt": line.repeat(10_000), "more.txt": line });
    const delivery = await work.deliver(checkout, order(rig), never());
    if (delivery.outcome !== "done") throw new Error("nothing delivered");
    const { text, ...rest } = delivery.diff;
    expect(rest).toEqual({ truncated: true, files: 2, insertions: 10_001, deletions: 0 });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(256 * 1024);
    expect(Buffer.byteLength(text)).toBeGreaterThan(256 * 1024 - 200);
    expect(text.endsWith(`+${line}`)).toBe(true);
    expect(text).not.toContain("\uFFFD");
  });

  test("says what a repository's own hook said when it refuses", async ({ place }) => {
    const bare = place.bare("remote.git");
    writeFileSync(join(bare, "hooks", "pre-receive"), "#!/bin/sh\necho not on a Friday >&2\nexit 1\n", {
      mode: 0o755,
    });
    await expect(place.delivered(place.work(), rigAt(bare), "b1", { a: "a" })).rejects.toMatchObject({
      message: expect.stringMatching(/refused curfew\/.*pre-receive hook declined.*not on a Friday/),
      again: false,
    });
  });
});

describe("saving work in progress", () => {
  test("pushes it to a branch of its own", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const directory = place.path("checkout");
    const work = place.work();
    const checkout = await work.checkout({ rig, branch: beadBranch("b1"), directory }, never());
    expect(await work.save(checkout, rig, never())).toBeNull();

    for (const text of ["half", "three quarters"]) {
      write(directory, { "work.txt": text });
      const saved = await work.save(checkout, rig, never());
      const branch = `${beadBranch("b1")}-wip`;
      expect(saved).toEqual({ branch, commit: git(bare, "rev-parse", branch) });
      expect(git(bare, "show", `${branch}:work.txt`)).toBe(text);
    }
    expect(git(bare, "branch", "--list", beadBranch("b1"))).toBe("");
  });
});
