import { appendFileSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import {
  agreeing,
  beadBranch,
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
 * Files can be stored by a filter: a program of the owner's makes what is stored from what is seen, and back. Curfew
 * runs none. Nothing that should have gone through one is ever delivered, and the owner's copy stays clean.
 */

/** Plays git-crypt: what is stored is the content in base 64, and there is no way around it. */
const lock = (place: Place, repository: string): void => {
  const script = place.path("crypt.sh");
  writeFileSync(script, '#!/bin/sh\nif [ "$1" = clean ]; then base64; else base64 -d; fi\n', { mode: 0o755 });
  git(repository, "config", "filter.crypt.clean", `'${script}' clean`);
  git(repository, "config", "filter.crypt.smudge", `'${script}' smudge`);
  git(repository, "config", "filter.crypt.required", "true");
};

const ATTRIBUTES = "secrets/** filter=crypt\nsecrets/*.md -filter\n";

/** A repository in which the owner works, with a secret that is stored by the filter. */
const withSecret = (place: Place): string => {
  const home = place.repository("home", { "a.txt": "1\n" });
  lock(place, home);
  write(home, { ".gitattributes": ATTRIBUTES, "secrets/key": "hunter2\n", "secrets/README.md": "open\n" });
  commitAll(home, "with a secret");
  expect(git(home, "show", "main:secrets/key")).toBe(btoa("hunter2\n"));
  return home;
};

const deliver = async (place: Place, home: string, act: (directory: string) => void) => {
  const work = place.work();
  const directory = place.path("checkout");
  const checkout = await work.checkout({ rig: rigAt(home), branch: beadBranch("b1"), directory }, never());
  act(directory);
  const order = { rig: rigAt(home), title: "t", agent: "polecat-1" };
  return { work, directory, delivery: work.deliver(checkout, order, never()) };
};

test("W14: the check says which filters there are, and for which files", async ({ place }) => {
  const home = withSecret(place);
  expect(await place.work().check(rigAt(home), never())).toMatchObject({
    outcome: "ready",
    lacks:
      "Files under the filter crypt (secrets/key) are here as they are stored: Curfew doesn't run it, and a bead that changes one is refused.",
  });
});

describe("a bead in a repository with a filter", () => {
  test("that leaves such files alone is merged, and the owner's copy is clean with its secret in plain", async ({
    place,
  }) => {
    const home = withSecret(place);
    const { work, directory, delivery } = await deliver(place, home, (folder) => {
      expect(readFileSync(join(folder, "secrets/key"), "utf8").trim()).toBe(btoa("hunter2\n"));
      write(folder, { "a.txt": "2\n", "secrets/README.md": "still open\n" });
    });
    const result = await delivery;
    if (result.outcome !== "done") throw new Error("nothing delivered");
    expect(result.diff.files).toBe(2);
    expect(git(directory, "status", "--porcelain", "secrets/key")).toBe("");
    const order = mergeOf(rigAt(home), "b1", result.commit);
    expect(await work.merge(order, agreeing, never())).toMatchObject({ outcome: "merged" });
    expect(git(home, "status", "--porcelain")).toBe("");
    expect(readFileSync(join(home, "secrets/key"), "utf8")).toBe("hunter2\n");
    expect(readFileSync(join(home, "a.txt"), "utf8")).toBe("2\n");
  });

  const CHANGES: Readonly<Record<string, (folder: string) => void>> = {
    "changes one": (folder) => write(folder, { "secrets/key": "hunter3\n" }),
    "adds one": (folder) => write(folder, { "secrets/deep/new": "hunter3\n" }),
    "makes one of another file": (folder) => git(folder, "mv", "a.txt", "secrets/a.txt"),
    "takes the filter away and changes one": (folder) =>
      write(folder, { ".gitattributes": null, "secrets/key": "hunter3\n" }),
    "takes the filter away for one": (folder) =>
      appendFileSync(join(folder, ".gitattributes"), "secrets/key -filter\n"),
    "puts other files under it": (folder) =>
      appendFileSync(join(folder, ".gitattributes"), "*.txt filter=crypt\n"),
    "brings attributes with new files": (folder) =>
      write(folder, { "more/.gitattributes": "* filter=lfs\n", "more/x.bin": "x" }),
    "changes one and takes that back, in commits of its own": (folder) => {
      const before = readFileSync(join(folder, "secrets/key"), "utf8");
      write(folder, { "secrets/key": "hunter3\n", "a.txt": "2\n" });
      commitAll(folder, "oops");
      write(folder, { "secrets/key": before });
      commitAll(folder, "back");
    },
    "has an index of the newer form": (folder) => {
      git(folder, "update-index", "--index-version", "4");
      write(folder, { "secrets/key": "hunter3\n" });
      git(folder, "add", "--all");
    },
  };
  test.for(Object.entries(CHANGES))("that %s is refused with the names, once", async ([, act], { place }) => {
    const home = withSecret(place);
    const { delivery } = await deliver(place, home, act);
    await expect(delivery).rejects.toMatchObject({
      kind: "undeliverable",
      message: expect.stringMatching(
        /under the filter (crypt|lfs) \(\.gitattributes\), which Curfew doesn't run/,
      ),
      again: false,
    });
    expect(git(home, "branch", "--list", "curfew/*")).toBe("");
    expect(git(home, "count-objects", "-v")).not.toContain("hunter3");
    expect(git(home, "status", "--porcelain")).toBe("");
  });

  test("may remove one, and change how it may be run", async ({ place }) => {
    const home = withSecret(place);
    write(home, { "secrets/old": "hunter1\n" });
    commitAll(home, "another");
    const { work, delivery } = await deliver(place, home, (folder) => {
      write(folder, { "secrets/old": null });
      git(folder, "update-index", "--chmod=+x", "secrets/key");
      git(folder, "commit", "--quiet", "-m", "executable");
      git(folder, "checkout", "--quiet", "secrets/key");
    });
    const result = await delivery;
    if (result.outcome !== "done") throw new Error("nothing delivered");
    const merging = work.merge(mergeOf(rigAt(home), "b1", result.commit), agreeing, never());
    expect(await merging).toMatchObject({ outcome: "merged" });
    expect(git(home, "status", "--porcelain")).toBe("");
    expect(readFileSync(join(home, "secrets/key"), "utf8")).toBe("hunter2\n");
  });

  test("is refused where the filter is one that the agent's own attributes would hide", async ({ place }) => {
    const home = withSecret(place);
    const { delivery } = await deliver(place, home, (folder) =>
      write(folder, { ".git/info/attributes": "* -filter\n", "secrets/key": "hunter3\n" }),
    );
    await expect(delivery).rejects.toMatchObject({ kind: "undeliverable" });
  });

  test("saves nothing unfiltered either when the container stops", async ({ place }) => {
    const home = withSecret(place);
    const work = place.work();
    const directory = place.path("checkout");
    const checkout = await work.checkout({ rig: rigAt(home), branch: beadBranch("b1"), directory }, never());
    write(directory, { "secrets/key": "hunter3\n" });
    await expect(work.save(checkout, rigAt(home), never())).rejects.toMatchObject({ kind: "undeliverable" });
    expect(git(home, "branch", "--list", "curfew/*")).toBe("");
  });
});

test("a commit that came another way is not merged with unfiltered files", async ({ place }) => {
  const home = withSecret(place);
  const clone = place.path("clone");
  git(place.folder, "clone", "--quiet", home, clone);
  write(clone, { "secrets/key": "hunter3\n" });
  const commit = commitAll(clone, "unfiltered");
  git(clone, "push", "--quiet", "origin", `HEAD:${beadBranch("b1")}`);
  const result = await place.work().merge(mergeOf(rigAt(home), "b1", commit), agreeing, never());
  expect(result).toMatchObject({
    outcome: "failed",
    again: false,
    reason: expect.stringContaining("secrets/key"),
  });
  expect(git(home, "show", "main:secrets/key")).toBe(btoa("hunter2\n"));
});

test("attributes that only the owner's repository has count too", async ({ place }) => {
  const files: Files = { "a.txt": "1\n" };
  const home = place.repository("home", files);
  lock(place, home);
  write(home, { ".git/info/attributes": "*.key filter=crypt\n", "x.key": "hunter2\n" });
  commitAll(home, "with a secret");
  const { delivery } = await deliver(place, home, (folder) => write(folder, { "x.key": "hunter3\n" }));
  await expect(delivery).rejects.toMatchObject({ message: expect.stringContaining("x.key") });
});

test("the filter may be the owner's own setting, in a copy whose files git must look at again", async ({
  place,
}) => {
  const home = withSecret(place);
  const settings = git(home, "config", "--local", "--get-regexp", "^filter").split("\n");
  git(home, "config", "--remove-section", "filter.crypt");
  for (const line of settings) {
    const [key = "", ...value] = line.split(" ");
    git(home, "config", "--file", place.path(".gitconfig"), key, value.join(" "));
  }
  const work = place.work({ home: place.folder });
  const rig = rigAt(home);
  for (const bead of ["b1", "b2"]) {
    const commit = await place.delivered(work, rig, bead, { [`${bead}.txt`]: "x" });
    utimesSync(join(home, "secrets/key"), 1, 1);
    expect(await work.merge(mergeOf(rig, bead, commit), agreeing, never())).toMatchObject({
      outcome: "merged",
    });
    expect(readFileSync(join(home, "secrets/key"), "utf8")).toBe("hunter2\n");
  }
  write(home, { "secrets/key": "mine\n" });
  const commit = await place.delivered(work, rig, "b3", { "b3.txt": "x" });
  expect(await work.merge(mergeOf(rig, "b3", commit), agreeing, never())).toMatchObject({
    outcome: "held",
    reason: expect.stringContaining("(secrets/key)"),
  });
});
