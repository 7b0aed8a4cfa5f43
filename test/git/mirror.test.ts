import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import {
  agreeing,
  beadBranch,
  commitAll,
  git,
  mergeOf,
  never,
  type Place,
  rigAt,
  test,
} from "./with-place.ts";

const mirrorsOf = (place: Place): string[] =>
  readdirSync(join(place.workRoot, "mirrors")).map((name) => join(place.workRoot, "mirrors", name));

describe("the mirror of a repository", () => {
  test("has branches and tags, follows what is rewritten or removed, and nothing else", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const work = place.work();
    git(bare, "tag", "v1", "main");
    git(bare, "update-ref", "refs/pull/1/head", "main");
    git(bare, "branch", "topic", "main");
    const wanted = { rig, branch: beadBranch("b1"), directory: place.path("checkout") };
    await work.checkout(wanted, never());

    place.outsider(bare, { "tagged.txt": "x" });
    git(bare, "tag", "--force", "v1", "main");
    git(bare, "branch", "--delete", "--force", "topic");
    git(bare, "branch", "topic/of/its/own", "main");
    await work.checkout(wanted, never());
    const [mirror = "", ...others] = mirrorsOf(place);
    expect(others).toEqual([]);
    const refs = (folder: string) =>
      git(folder, "for-each-ref", "--format=%(objectname) %(refname)").split("\n");
    expect(refs(mirror)).toEqual(refs(bare).filter((line) => !line.includes("refs/pull")));
    expect(refs(mirror).map((line) => line.split(" ")[1])).toEqual([
      "refs/heads/main",
      "refs/heads/topic/of/its/own",
      "refs/tags/v1",
    ]);
  });

  test("is one for each rig and address", async ({ place }) => {
    const [one, two] = [place.bare("one.git"), place.bare("two.git")];
    const work = place.work();
    const rigs = [rigAt(one), rigAt(two), rigAt(one, { name: "other" }), rigAt(one)];
    await Promise.all(
      rigs.map((rig, index) =>
        work.checkout(
          { rig, branch: beadBranch(`b${index + 1}`), directory: place.path(`checkout-${index}`) },
          never(),
        ),
      ),
    );
    expect(mirrorsOf(place)).toHaveLength(3);
  });

  test("is made anew when it is damaged, and no repository around it is touched", async ({ place }) => {
    git(place.folder, "init", "--quiet", "--initial-branch=around");
    commitAll(place.repository("empty"), "second");
    git(place.folder, "fetch", "--quiet", place.path("empty"), "main:around-too");
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const work = place.work();
    const wanted = { rig, branch: beadBranch("b1"), directory: place.path("checkout") };
    await work.checkout(wanted, never());
    const [mirror = ""] = mirrorsOf(place);
    rmSync(join(mirror, "objects"), { recursive: true });
    rmSync(join(mirror, "packed-refs"));
    writeFileSync(join(mirror, "HEAD"), "");
    const head = place.outsider(bare, { "later.txt": "x" });
    expect(await work.checkout(wanted, never())).toMatchObject({ base: head });
    expect(git(place.folder, "branch", "--list")).toBe("  around-too");
  });
});

describe("a repository of 3,000 files", () => {
  test("is checked out, delivered from and merged into", async ({ place }) => {
    const files = Object.fromEntries(
      Array.from({ length: 3000 }, (_, n) => [`folder-${n % 60}/file-${n}.txt`, `file ${n}\n`.repeat(20)]),
    );
    const home = place.repository("home", files);
    const rig = rigAt(home);
    const work = place.work();
    const directory = place.path("checkout");
    const checkout = await work.checkout({ rig, branch: beadBranch("b1"), directory }, never());
    for (let n = 0; n < 3000; n += 2)
      writeFileSync(join(directory, `folder-${n % 60}/file-${n}.txt`), "new\n");
    const delivery = await work.deliver(checkout, { rig, title: "Half", agent: "polecat-1" }, never());
    if (delivery.outcome !== "done") throw new Error("nothing delivered");
    expect(delivery.diff).toMatchObject({
      truncated: true,
      files: 1500,
      insertions: 1500,
      deletions: 30_000,
    });

    const gates = ["test $(git ls-files | wc -l) = 3000"];
    const merged = await work.merge(mergeOf(rig, "b1", delivery.commit, { gates }), agreeing, never());
    expect(merged).toMatchObject({ outcome: "merged" });
    expect(statSync(join(home, "folder-2/file-2.txt")).size).toBe(4);
    expect(git(home, "status", "--porcelain")).toBe("");
  });
});
