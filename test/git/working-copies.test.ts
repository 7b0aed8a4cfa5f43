import { appendFileSync, chmodSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import {
  agreeing,
  commitAll,
  type Files,
  git,
  mergeOf,
  never,
  type Place,
  rigAt,
  test,
  write,
} from "./with-place.ts";

/*
 * The rig's repository may be a folder in which a person works. Its checked-out branch is updated if
 * nothing is lost by it; else the bead waits and says where, and what to do. After every merge that
 * is held: the branch, the index and every file are as before.
 */

const FIRST: Files = { "a.txt": "1\n", ".gitignore": ".env\nbuild/\n*.o\n", "dir/b.txt": "1\n" };

/** A bead of `files` that is ready to be merged into a folder where somebody works. */
const prepare = async (place: Place, files: Files, branch = "main") => {
  const home = place.repository("home", FIRST);
  const rig = rigAt(home, { branch });
  const work = place.work();
  if (branch !== "main") git(home, "branch", branch);
  const commit = await place.delivered(work, rig, "b1", files);
  const merge = (hooks = agreeing) => work.merge(mergeOf(rig, "b1", commit), hooks, never());
  return { home, merge };
};

const stateOf = (folder: string): string =>
  [
    ["rev-parse", "main"],
    ["status", "--porcelain", "--ignored"],
    ["diff", "HEAD"],
    ["stash", "list"],
  ]
    .map((args) => git(folder, ...args))
    .join("\n---\n");

describe("a branch that is checked out in a clean working copy", () => {
  test("is merged into, and the copy with it", async ({ place }) => {
    const { home, merge } = await prepare(place, { "a.txt": "2\n", "new/c.txt": "new\n", "dir/b.txt": null });
    write(home, { "notes.txt": "mine\n", ".env": "SECRET\n", "build/x": "x" });
    expect(await merge()).toEqual({ outcome: "merged", mergeCommit: git(home, "rev-parse", "HEAD") });
    expect(git(home, "symbolic-ref", "HEAD")).toBe("refs/heads/main");
    expect(git(home, "status", "--porcelain")).toBe("?? notes.txt");
    expect(readFileSync(join(home, "a.txt"), "utf8")).toBe("2\n");
    expect(readFileSync(join(home, "new", "c.txt"), "utf8")).toBe("new\n");
    expect(existsSync(join(home, "dir", "b.txt"))).toBe(false);
    expect(readFileSync(join(home, ".env"), "utf8")).toBe("SECRET\n");
  });

  test("is merged into where the copy is a linked one, of a repository that has no other", async ({
    place,
  }) => {
    const bare = place.bare("remote.git", FIRST);
    const linked = place.path("linked copy");
    git(bare, "worktree", "add", "--quiet", linked, "main");
    const work = place.work();
    const commit = await place.delivered(work, rigAt(`file://${bare}`), "b1", { "a.txt": "2\n" });
    const order = mergeOf(rigAt(`file://${bare}`), "b1", commit);

    write(linked, { "a.txt": "mine\n" });
    expect(await work.merge(order, agreeing, never())).toMatchObject({
      outcome: "held",
      reason: `The branch main is checked out in ${linked} with uncommitted changes (a.txt). Commit or stash them there, then retry.`,
    });
    git(linked, "stash", "--quiet");
    expect(await work.merge(order, agreeing, never())).toMatchObject({ outcome: "merged" });
    expect(readFileSync(join(linked, "a.txt"), "utf8")).toBe("2\n");
    expect(git(linked, "status", "--porcelain")).toBe("");
  });

  test("may be a linked copy that the rig names itself", async ({ place }) => {
    const home = place.repository("home", FIRST);
    const linked = place.path("linked");
    git(home, "worktree", "add", "--quiet", "-b", "side", linked);
    const rig = rigAt(linked, { branch: null });
    const work = place.work();
    expect(await work.check(rig, never())).toMatchObject({ outcome: "ready", branch: "side" });
    const commit = await place.delivered(work, rig, "b1", { "a.txt": "2\n" });
    expect(await work.merge(mergeOf(rig, "b1", commit), agreeing, never())).toMatchObject({
      outcome: "merged",
    });
    expect(readFileSync(join(linked, "a.txt"), "utf8")).toBe("2\n");
    expect(readFileSync(join(home, "a.txt"), "utf8")).toBe("1\n");
  });

  test("runs the repository's own hooks, as any push does", async ({ place }) => {
    const { home, merge } = await prepare(place, { "a.txt": "2\n" });
    write(home, { ".git/hooks/post-receive": `#!/bin/sh\ncat > '${place.path("received")}'\n` });
    chmodSync(join(home, ".git", "hooks", "post-receive"), 0o755);
    expect(await merge()).toMatchObject({ outcome: "merged" });
    expect(readFileSync(place.path("received"), "utf8")).toContain("refs/heads/main");
  });
});

describe("a branch that is not checked out", () => {
  test("is merged into whatever the working copy looks like", async ({ place }) => {
    const { home, merge } = await prepare(place, { "a.txt": "2\n" }, "release");
    write(home, { "a.txt": "mine\n", "dir/b.txt": null });
    const before = stateOf(home);
    expect(await merge()).toEqual({ outcome: "merged", mergeCommit: git(home, "rev-parse", "release") });
    expect(stateOf(home)).toBe(before);
  });
});

interface Case {
  readonly name: string;
  readonly bead: Files;
  /** What the person has done meanwhile. */
  readonly mess: (home: string) => void;
  readonly says: RegExp;
}

const MESSES: readonly Case[] = [
  {
    name: "an edited file",
    bead: { "new.txt": "x" },
    mess: (home) => write(home, { "a.txt": "mine\n" }),
    says: /with uncommitted changes \(a\.txt\)\. Commit or stash them there, then retry\.$/,
  },
  {
    name: "a staged file",
    bead: { "new.txt": "x" },
    mess: (home) => {
      write(home, { "staged.txt": "mine\n" });
      git(home, "add", "staged.txt");
    },
    says: /uncommitted changes \(staged\.txt\)/,
  },
  {
    name: "a removed file",
    bead: { "new.txt": "x" },
    mess: (home) => write(home, { "dir/b.txt": null }),
    says: /uncommitted changes \(dir\/b\.txt\)/,
  },
  {
    name: "an untracked file that the merge brings too",
    bead: { "notes/n.txt": "theirs\n" },
    mess: (home) => write(home, { "notes/n.txt": "mine\n" }),
    says: /where git doesn't track them \(notes\/n\.txt\)\. Move them away, then retry\.$/,
  },
  {
    name: "an ignored file that the merge brings too, which git would overwrite",
    bead: { ".env": "theirs\n" },
    mess: (home) => write(home, { ".env": "SECRET\n" }),
    says: /where git doesn't track them \(\.env\)/,
  },
  {
    name: "an ignored file in the place of a folder that the merge brings",
    bead: { "x.o/inner.txt": "theirs\n" },
    mess: (home) => write(home, { "x.o": "mine\n" }),
    says: /where git doesn't track them \(x\.o\)/,
  },
  {
    name: "an ignored link in the place of a folder that the merge brings",
    bead: { "x.o/inner.txt": "theirs\n" },
    mess: (home) => symlinkSync("dir", join(home, "x.o")),
    says: /where git doesn't track them \(x\.o\)/,
  },
  {
    name: "ignored files in a folder that the merge makes a file",
    bead: { dir: "now a file\n" },
    mess: (home) => write(home, { "dir/kept.o": "mine\n" }),
    says: /where git doesn't track them \(dir\)/,
  },
  {
    name: "a rebase that has stopped, with nothing changed",
    bead: { "new.txt": "x" },
    mess: (home) => {
      commitAll(home, "second");
      git(home, "-c", "sequence.editor=sed -i s/^pick/edit/", "rebase", "--quiet", "--interactive", "HEAD~1");
    },
    says: /where a rebase is under way\. Finish or abort it there, then retry\.$/,
  },
  {
    name: "a merge that waits for its commit",
    bead: { "new.txt": "x" },
    mess: (home) => {
      git(home, "checkout", "--quiet", "-b", "other");
      commitAll(home, "on other");
      git(home, "checkout", "--quiet", "main");
      git(home, "merge", "--quiet", "--no-ff", "--no-commit", "other");
    },
    says: /where a merge is under way/,
  },
  {
    name: "a bisection",
    bead: { "new.txt": "x" },
    mess: (home) => {
      for (const name of ["two", "three", "four"]) commitAll(home, name);
      git(home, "bisect", "start", "HEAD", "HEAD~3");
    },
    says: /where a bisection is under way/,
  },
];

describe("a branch that is checked out where work would be lost waits because of", () => {
  for (const { name, bead, mess, says } of MESSES) {
    test(name, async ({ place }) => {
      const { home, merge } = await prepare(place, bead);
      mess(home);
      const before = stateOf(home);
      const result = await merge();
      expect(result).toEqual({ outcome: "held", reason: expect.stringMatching(says) });
      expect("reason" in result && result.reason).toContain(home);
      expect(stateOf(home)).toBe(before);
    });
  }

  test("a change made in the last moment, after our own look", async ({ place }) => {
    const { home, merge } = await prepare(place, { "new.txt": "x" });
    // The hook runs when git has begun to take the push.
    const dirty = '#!/bin/sh\necho mine > "$GIT_DIR/../a.txt"\n';
    write(home, { ".git/hooks/pre-receive": dirty });
    chmodSync(join(home, ".git", "hooks", "pre-receive"), 0o755);
    const head = git(home, "rev-parse", "main");
    expect(await merge()).toEqual({
      outcome: "held",
      reason: expect.stringContaining(
        `checked out in ${home}, which git could not update: Working directory has unstaged changes`,
      ),
    });
    expect(git(home, "rev-parse", "main")).toBe(head);
    expect(readFileSync(join(home, "a.txt"), "utf8")).toBe("mine\n");
  });

  test("work that began while the gates ran", async ({ place }) => {
    const { home, merge } = await prepare(place, { ".env": "theirs\n" });
    const hooks = { ...agreeing, intent: async () => appendFileSync(join(home, ".env"), "SECRET\n") };
    expect(await merge(hooks)).toMatchObject({ outcome: "held", reason: expect.stringContaining("(.env)") });
    expect(readFileSync(join(home, ".env"), "utf8")).toBe("SECRET\n");
  });
});

describe("a folder that only looks in the way", () => {
  test("is no obstacle where git tracks all that is in it", async ({ place }) => {
    const { home, merge } = await prepare(place, {
      dir: "now a file\n",
      "a.txt": null,
      "a.txt/b": "x",
    });
    expect(await merge()).toMatchObject({ outcome: "merged" });
    expect(readFileSync(join(home, "dir"), "utf8")).toBe("now a file\n");
    expect(git(home, "status", "--porcelain")).toBe("");
  });
});
