import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import {
  agreeing,
  beadBranch,
  commitAll,
  git,
  gitBytes,
  mergeOf,
  never,
  type Place,
  rigAt,
  test,
  write,
} from "./with-place.ts";

/*
 * To git and the file system a name is bytes. Whatever the bytes, a file of the owner's that a merge brings too is
 * never overwritten, and what an agent made comes along under the very name that it gave.
 */

/** The path of a file whose name is given with one character a byte. */
const at = (folder: string, name: string): Buffer =>
  Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, "latin1")]);

const NAMES: readonly (readonly [what: string, name: string])[] = [
  ["isn't UTF-8", "caf\xe9.env"],
  ["is UTF-8 with a byte too many", "\xc3\xa9\xff.env"],
  ["has a line break", "two\nlines.env"],
  ["begins with a dash", "-rf.env"],
  ["has quotes and backslashes", `"a\\'b.env`],
  ["has the marks of a pattern", ":(top)[*]?.env"],
  ["has blanks at both ends", " x.env "],
  ["is as long as a name can be", `${"x".repeat(251)}.env`],
];

/** A bead that brings a file of that name in spite of `.gitignore`, and a folder where somebody works. */
const withBead = async (place: Place, name: string, target = "home") => {
  const home = place.repository(target, { ".gitignore": "*.env\n*.env \nkept/\n", "a.txt": "1\n" });
  const rig = rigAt(home);
  const work = place.work();
  const directory = place.path("checkout");
  const checkout = await work.checkout({ rig, branch: beadBranch("b1"), directory }, never());
  mkdirSync(join(directory, "kept"));
  writeFileSync(at(directory, name), "theirs\n");
  commitAll(directory, "by force");
  const order = { rig, title: "t", agent: "polecat-1" };
  const delivery = await work.deliver(checkout, order, never());
  if (delivery.outcome !== "done") throw new Error("nothing delivered");
  return { home, merge: () => work.merge(mergeOf(rig, "b1", delivery.commit), agreeing, never()) };
};

describe("W13: the owner's own file that a merge brings too is kept where its name", () => {
  test.for(NAMES)("%s", async ([, name], { place }) => {
    const { home, merge } = await withBead(place, name);
    writeFileSync(at(home, name), "mine\n");
    expect(await merge()).toMatchObject({
      outcome: "held",
      reason: expect.stringContaining("Move them away"),
    });
    expect(readFileSync(at(home, name), "utf8")).toBe("mine\n");

    renameSync(at(home, name), at(place.folder, "moved away"));
    expect(await merge()).toMatchObject({ outcome: "merged" });
    expect(readFileSync(at(home, name), "utf8")).toBe("theirs\n");
    expect(git(home, "status", "--porcelain")).toBe("");
  });

  test("differs from a removed one only in case", async ({ place }) => {
    const home = place.repository("home", {
      ".gitignore": "UP.ENV\n",
      "up.env": "tracked\n",
      "Up.env": "too\n",
    });
    const work = place.work();
    const files = { "up.env": null, "Up.env": null, "UP.ENV": "theirs\n" };
    const commit = await place.delivered(work, rigAt(home), "b1", files);
    write(home, { "UP.ENV": "mine\n" });
    expect(await work.merge(mergeOf(rigAt(home), "b1", commit), agreeing, never())).toMatchObject({
      outcome: "held",
    });
    expect(readFileSync(join(home, "UP.ENV"), "utf8")).toBe("mine\n");
  });
});

describe("a name that isn't UTF-8", () => {
  test("may be that of an ignored folder in an ignored folder, whose files are kept", async ({ place }) => {
    const { home, merge } = await withBead(place, "kept/d\xe9p\xf4t");
    mkdirSync(join(home, "kept"));
    mkdirSync(at(home, "kept/d\xe9p\xf4t"));
    writeFileSync(at(home, "kept/d\xe9p\xf4t/f\xe9"), "mine\n");
    expect(await merge()).toMatchObject({ outcome: "held", reason: expect.stringContaining("kept/d") });
    expect(readFileSync(at(home, "kept/d\xe9p\xf4t/f\xe9"), "utf8")).toBe("mine\n");
  });

  test("may be that of a folder which becomes a file where git tracks all that is in it", async ({
    place,
  }) => {
    const home = place.repository("home", { "a.txt": "1\n" });
    mkdirSync(at(home, "d\xe9"));
    writeFileSync(at(home, "d\xe9/f\xe9"), "tracked\n");
    commitAll(home, "second");
    const work = place.work();
    const directory = place.path("checkout");
    const checkout = await work.checkout({ rig: rigAt(home), branch: beadBranch("b1"), directory }, never());
    renameSync(at(directory, "d\xe9/f\xe9"), at(directory, "f"));
    git(directory, "add", "--all");
    renameSync(at(directory, "f"), at(directory, "x"));
    const empty = at(directory, "d\xe9");
    renameSync(empty, at(place.folder, "gone"));
    renameSync(at(directory, "x"), empty);
    const delivery = await work.deliver(
      checkout,
      { rig: rigAt(home), title: "t", agent: "polecat-1" },
      never(),
    );
    if (delivery.outcome !== "done") throw new Error("nothing delivered");
    const merging = work.merge(mergeOf(rigAt(home), "b1", delivery.commit), agreeing, never());
    expect(await merging).toMatchObject({ outcome: "merged" });
    expect(readFileSync(at(home, "d\xe9"), "utf8")).toBe("tracked\n");
  });

  test("is the one under which a change of it, uncommitted or not, is delivered", async ({ place }) => {
    const bare = place.bare("remote.git");
    const work = place.work();
    const directory = place.path("checkout");
    const checkout = await work.checkout({ rig: rigAt(bare), branch: beadBranch("b1"), directory }, never());
    writeFileSync(at(directory, "caf\xe9"), "1\n");
    commitAll(directory, "mine");
    writeFileSync(at(directory, "th\xe9"), "2\n");
    await work.deliver(checkout, { rig: rigAt(bare), title: "t", agent: "polecat-1" }, never());
    const names = gitBytes(bare, "ls-tree", "-z", "--name-only", beadBranch("b1"))
      .toString("latin1")
      .split("\0");
    expect(names).toEqual(["README.md", "caf\xe9", "th\xe9", ""]);
  });

  test("is shown as well as it can be where it conflicts", async ({ place }) => {
    const bare = place.bare("remote.git");
    const work = place.work();
    const deliver = async (bead: string) => {
      const directory = place.path(bead);
      const checkout = await work.checkout(
        { rig: rigAt(bare), branch: beadBranch(bead), directory },
        never(),
      );
      writeFileSync(at(directory, "caf\xe9"), `${bead}\n`);
      const delivery = await work.deliver(
        checkout,
        { rig: rigAt(bare), title: "t", agent: "polecat-1" },
        never(),
      );
      return delivery.outcome === "done" ? delivery.commit : "";
    };
    const [one, two] = [await deliver("b1"), await deliver("b2")];
    await work.merge(mergeOf(rigAt(bare), "b1", one), agreeing, never());
    expect(await work.merge(mergeOf(rigAt(bare), "b2", two), agreeing, never())).toMatchObject({
      outcome: "conflict",
      reason: expect.stringContaining("in caf\uFFFD."),
    });
  });

  test("may be that of a linked copy which has the branch checked out", async ({ place }) => {
    const bare = place.bare("remote.git", { "a.txt": "1\n" });
    const linked = at(place.folder, "copi\xe9");
    git(bare, "worktree", "add", "--quiet", place.path("copy"), "main");
    renameSync(place.path("copy"), linked);
    symlinkSync(linked, place.path("link"));
    git(place.path("link"), "worktree", "repair");
    const work = place.work();
    const commit = await place.delivered(work, rigAt(bare), "b1", { "a.txt": "2\n" });
    writeFileSync(Buffer.concat([linked, Buffer.from("/a.txt")]), "mine\n");
    const merge = () => work.merge(mergeOf(rigAt(bare), "b1", commit), agreeing, never());
    expect(await merge()).toMatchObject({ outcome: "held", reason: expect.stringContaining("(a.txt)") });
    git(place.path("link"), "checkout", "--quiet", "a.txt");
    expect(await merge()).toMatchObject({ outcome: "merged" });
    expect(readFileSync(Buffer.concat([linked, Buffer.from("/a.txt")]), "utf8")).toBe("2\n");
  });
});
