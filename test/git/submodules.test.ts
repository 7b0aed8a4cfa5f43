import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished } from "vitest";
import type { RigOrder } from "../../src/protocol/container/order.ts";
import { resolveAddress } from "../../container/git/submodule-address.ts";
import { HttpRemote } from "./http-remote.ts";
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
  write,
} from "./with-place.ts";

/*
 * A submodule's files are in checkouts and gates where the rig's credential goes, and the check says which aren't. A
 * bead never loses what it changed in one, and never puts one at a commit that nobody else can get.
 */

const FILE = ["-c", "protocol.file.allow=always"];

/** Adds a submodule to a bare repository's branch, with an address as a person would write it. */
const addSubmodule = (place: Place, bare: string, address: string, path: string, source: string): void => {
  const clone = place.path(`adding-${path.replaceAll("/", "-")}`);
  git(place.folder, ...FILE, "clone", "--quiet", bare, clone);
  git(clone, ...FILE, "submodule", "--quiet", "add", source, path);
  git(clone, "config", "--file", ".gitmodules", `submodule.${path}.url`, address);
  git(clone, "commit", "--quiet", "--all", "-m", `with ${path}`);
  git(clone, "push", "--quiet", "origin", "HEAD:main");
  rmSync(clone, { recursive: true });
};

const checkout = async (place: Place, rig: RigOrder, bead = "b1") => {
  const work = place.work();
  const directory = place.path(bead);
  const made = await work.checkout({ rig, branch: beadBranch(bead), directory }, never());
  const deliver = () => work.deliver(made, { rig, title: "t", agent: "polecat-1" }, never());
  return { work, directory, deliver };
};

const served = async (place: Place) => {
  const remote = new HttpRemote(place.folder, "secret");
  await remote.open();
  onTestFinished(() => remote.close());
  const credential = { kind: "token", username: "x-access-token", token: "secret" } as const;
  return { remote, credential };
};

describe("a submodule", () => {
  test("is filled in checkouts and gates, those within it too, whatever way it is addressed", async ({
    place,
  }) => {
    place.bare("deep.git", { "deep.txt": "deep\n" });
    place.bare("sub.git", { "sub.txt": "sub\n" });
    const bare = place.bare("remote.git");
    addSubmodule(place, place.path("sub.git"), "../deep.git", "lib/deep", place.path("deep.git"));
    addSubmodule(place, bare, "./../sub.git", "vendor/sub", place.path("sub.git"));
    addSubmodule(place, bare, place.path("deep.git"), "ünter blank", place.path("deep.git"));
    const rig = rigAt(bare);
    expect(await place.work().check(rig, never())).toEqual({
      outcome: "ready",
      branch: "main",
      head: git(bare, "rev-parse", "main"),
    });

    const { work, directory, deliver } = await checkout(place, rig);
    const gate = "cat vendor/sub/sub.txt vendor/sub/lib/deep/deep.txt 'ünter blank/deep.txt'";
    for (const file of ["vendor/sub/sub.txt", "vendor/sub/lib/deep/deep.txt", "ünter blank/deep.txt"]) {
      expect(existsSync(join(directory, file)), file).toBe(true);
    }
    expect(git(directory, "status", "--porcelain")).toBe("");
    // It stands alone, as the checkout does.
    expect(git(join(directory, "vendor/sub"), "remote")).toBe("");

    write(directory, { "work.txt": "x" });
    const delivery = await deliver();
    if (delivery.outcome !== "done") throw new Error("nothing delivered");
    expect(delivery.diff).toMatchObject({ files: 1 });
    const outputs: string[] = [];
    const hooks = { ...agreeing, gate: ({ output }: { output: string }) => void outputs.push(output) };
    const merging = work.merge(mergeOf(rig, "b1", delivery.commit, { gates: [gate] }), hooks, never());
    expect(await merging).toMatchObject({ outcome: "merged" });
    expect(outputs).toEqual(["sub\ndeep\ndeep\n"]);
  });

  test("on the rig's host is had with the rig's credential, which no other host is told", async ({
    place,
  }) => {
    const { remote, credential } = await served(place);
    const other = await served(place);
    place.bare("sub.git", { "sub.txt": "sub\n" });
    const bare = place.bare("remote.git");
    addSubmodule(place, bare, "../sub.git", "near", place.path("sub.git"));
    addSubmodule(place, bare, other.remote.url("sub.git"), "far", place.path("sub.git"));
    const rig = rigAt(remote.url("remote.git"), { credential });
    expect(await place.work().check(rig, never())).toMatchObject({
      outcome: "ready",
      lacks: expect.stringMatching(/^The submodule far is empty here: http:.* wants a credential/),
    });
    const { directory } = await checkout(place, rig);
    expect(readFileSync(join(directory, "near/sub.txt"), "utf8")).toBe("sub\n");
    expect(readdirSync(join(directory, "far"))).toEqual([]);
    expect(other.remote.seen.length).toBeGreaterThan(0);
    expect(other.remote.seen.filter((line) => !line.startsWith("none "))).toEqual([]);
  });

  test("that can't be had is named by the check and by the gate that lacks it", async ({ place }) => {
    const sub = place.bare("sub.git", { "sub.txt": "sub\n" });
    const bare = place.bare("remote.git");
    addSubmodule(place, bare, "../sub.git", "lib", sub);
    rmSync(sub, { recursive: true });
    const rig = rigAt(bare);
    const why = `The submodule lib is empty here: There is no git repository at ${sub}.`;
    expect(await place.work().check(rig, never())).toMatchObject({ outcome: "ready", lacks: why });
    const { work, directory, deliver } = await checkout(place, rig);
    write(directory, { "work.txt": "x" });
    const delivery = await deliver();
    if (delivery.outcome !== "done") throw new Error("nothing delivered");
    const gates = ["test -f lib/sub.txt"];
    expect(await work.merge(mergeOf(rig, "b1", delivery.commit, { gates }), agreeing, never())).toMatchObject(
      {
        outcome: "gate-failed",
        reason: `The gate \`test -f lib/sub.txt\` failed with exit code 1. ${why}`,
      },
    );
  });

  test("at a commit that its repository doesn't have, or in no .gitmodules, is named by the check", async ({
    place,
  }) => {
    const sub = place.bare("sub.git", { "sub.txt": "sub\n" });
    const bare = place.bare("remote.git");
    addSubmodule(place, bare, "../sub.git", "lib", sub);
    const clone = place.path("clone");
    git(place.folder, "clone", "--quiet", bare, clone);
    git(clone, "update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},lib`);
    git(clone, "update-index", "--add", "--cacheinfo", `160000,${"2".repeat(40)},bare`);
    git(clone, "commit", "--quiet", "-m", "moved");
    git(clone, "push", "--quiet", "origin", "HEAD:main");
    const { lacks } = (await place.work().check(rigAt(bare), never())) as { lacks?: string };
    expect(lacks).toContain("The submodule bare is empty here: It is in no .gitmodules.");
    expect(lacks).toContain("no branch or tag with the commit 1111111111");
  });
});

describe("a bead and a submodule", () => {
  const withSubmodule = async (place: Place) => {
    const sub = place.bare("sub.git", { "sub.txt": "sub\n", ".gitignore": "*.o\n" });
    const bare = place.bare("remote.git");
    addSubmodule(place, bare, "../sub.git", "lib", sub);
    return { sub, bare, ...(await checkout(place, rigAt(bare))) };
  };

  test.for([
    ["a changed file", (lib: string) => write(lib, { "sub.txt": "changed\n" })],
    ["a new file", (lib: string) => write(lib, { "new.txt": "new\n" })],
    ["a removed file", (lib: string) => write(lib, { "sub.txt": null })],
    [
      "a commit that isn't staged",
      (lib: string) => {
        write(lib, { "sub.txt": "changed\n" });
        commitAll(lib, "inside");
      },
    ],
    ["no repository any more", (lib: string) => rmSync(join(lib, ".git"), { recursive: true })],
  ] as const)("that leaves %s in it is refused, by name", async ([, act], { place }) => {
    const { bare, directory, deliver } = await withSubmodule(place);
    act(join(directory, "lib"));
    write(directory, { "work.txt": "x" });
    await expect(deliver()).rejects.toMatchObject({
      kind: "undeliverable",
      message: expect.stringMatching(/^lib is a submodule, .* can't come along\. /),
    });
    expect(git(bare, "branch", "--list", "curfew/*")).toBe("");
  });

  test("that puts it at a commit nobody else can get is refused, and goes through once that is pushed", async ({
    place,
  }) => {
    const { sub, bare, directory, deliver } = await withSubmodule(place);
    const lib = join(directory, "lib");
    write(lib, { "sub.txt": "better\n", "x.o": "ignored" });
    const better = commitAll(lib, "better");
    git(lib, "rm", "--quiet", "--cached", "x.o");
    git(lib, "commit", "--quiet", "--amend", "-m", "better");
    git(directory, "add", "lib");
    await expect(deliver()).rejects.toMatchObject({
      message: expect.stringMatching(
        /^The submodule lib would be at a commit that nobody else can get: .* Push it there first\.$/,
      ),
    });
    git(lib, "push", "--quiet", sub, "HEAD:refs/heads/topic");
    expect(await deliver()).toMatchObject({ outcome: "done" });
    const link = git(bare, "rev-parse", `${beadBranch("b1")}:lib`);
    expect(link).toBe(git(lib, "rev-parse", "HEAD"));
    expect(link).not.toBe(better);
  });

  test("that adds one which can be had is delivered with it; gates of that merge go without", async ({
    place,
  }) => {
    const { bare, work, directory, deliver } = await withSubmodule(place);
    const more = place.bare("more.git", { "more.txt": "more\n" });
    git(directory, ...FILE, "submodule", "--quiet", "add", more, "more");
    const delivery = await deliver();
    if (delivery.outcome !== "done") throw new Error("nothing delivered");
    expect(git(bare, "ls-tree", delivery.commit, "more")).toMatch(/^160000 commit /);
    const order = mergeOf(rigAt(bare), "b1", delivery.commit, {
      gates: ["test -f lib/sub.txt", "test -f more/more.txt"],
    });
    expect(await work.merge(order, agreeing, never())).toMatchObject({
      outcome: "gate-failed",
      reason: expect.stringMatching(
        /more\.txt.*The submodule more is empty here: Its address is new with this bead\.$/,
      ),
    });
    expect(await work.merge({ ...order, gates: [] }, agreeing, never())).toMatchObject({ outcome: "merged" });
    const { directory: next } = await checkout(place, rigAt(bare), "b2");
    expect(readFileSync(join(next, "more/more.txt"), "utf8")).toBe("more\n");
  });

  test("that adds one on a host where Curfew has nothing to look for is refused", async ({ place }) => {
    const { directory, deliver } = await withSubmodule(place);
    const more = place.bare("more.git", { "more.txt": "more\n" });
    git(directory, ...FILE, "submodule", "--quiet", "add", more, "more");
    git(
      directory,
      "config",
      "--file",
      ".gitmodules",
      "submodule.more.url",
      "https://elsewhere.invalid/more.git",
    );
    await expect(deliver()).rejects.toMatchObject({ message: expect.stringContaining("on a bead's word") });
  });

  test("that removes it, or makes its files the repository's own, is delivered", async ({ place }) => {
    const { bare, directory, deliver } = await withSubmodule(place);
    rmSync(join(directory, "lib", ".git"), { recursive: true });
    git(directory, "rm", "--quiet", "--cached", "lib");
    git(directory, "rm", "--quiet", "--force", ".gitmodules");
    expect(await deliver()).toMatchObject({ outcome: "done" });
    expect(git(bare, "show", `${beadBranch("b1")}:lib/sub.txt`)).toBe("sub");
    rmSync(join(directory, "lib"), { recursive: true });
    expect(await deliver()).toMatchObject({ outcome: "done" });
    expect(git(bare, "ls-tree", "--name-only", beadBranch("b1"))).toBe("README.md");
  });
});

describe("a relative address", () => {
  test.for([
    ["https://host.example/a/b.git", "../c.git", "https://host.example/a/c.git"],
    ["https://host.example/a/b/", "../../c", "https://host.example/c"],
    ["https://host.example/a", "../../../c", "https://host.example/c"],
    ["git@host.example:a/b.git", "../c.git", "git@host.example:a/c.git"],
    ["git@host.example:b.git", "../c.git", "git@host.example:c.git"],
    ["/srv/a/b", "./c", "/srv/a/b/c"],
    ["/srv/a/b", "./../c", "/srv/a/c"],
    ["/srv/a", "https://host.example/c", "https://host.example/c"],
  ] as const)("from %s, %s is %s", ([base, address, expected]) => {
    expect(resolveAddress(base, address)).toBe(expected);
  });
});
