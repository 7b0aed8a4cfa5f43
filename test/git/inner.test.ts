import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
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
  write,
} from "./with-place.ts";

/*
 * A repository that an agent makes within its checkout can't come along as one. Its files do; or the bead says
 * plainly what is there, and nothing is delivered.
 */

const order = { title: "Make it", agent: "polecat-1" };

const begin = async (
  place: Place,
  files = { "README.md": "hello\n", ".gitignore": "*.secret\ncache/\n" },
) => {
  const bare = place.bare("remote.git", files);
  const rig = rigAt(bare);
  const directory = place.path("checkout");
  const work = place.work();
  const checkout = await work.checkout({ rig, branch: beadBranch("b1"), directory }, never());
  const deliver = () => work.deliver(checkout, { rig, ...order }, never());
  const delivered = () =>
    git(
      bare,
      "-c",
      "core.quotePath=false",
      "ls-tree",
      "-r",
      "--format=%(objectmode) %(path)",
      beadBranch("b1"),
    )
      .split("\n")
      .filter((line) => !/README|gitignore/.test(line));
  return { bare, rig, directory, work, checkout, deliver, delivered };
};

const init = (folder: string): void => {
  mkdirSync(folder, { recursive: true });
  git(folder, "init", "--quiet", "--initial-branch=main");
};

/** What the agent does in its checkout, and what of it is in the delivered tree. */
const COME_ALONG: Readonly<Record<string, readonly [(folder: string) => void, readonly string[]]>> = {
  "with a commit": [
    (folder) => {
      init(join(folder, "inner"));
      write(folder, { "inner/a.txt": "a", "inner/sub/b.txt": "b" });
      commitAll(join(folder, "inner"), "inside");
      write(folder, { "inner/later.txt": "c" });
    },
    ["100644 inner/a.txt", "100644 inner/later.txt", "100644 inner/sub/b.txt"],
  ],
  "without a commit": [
    (folder) => {
      init(join(folder, "inner"));
      write(folder, { "inner/a.txt": "a" });
    },
    ["100644 inner/a.txt"],
  ],
  "that the agent has committed as a link": [
    (folder) => {
      init(join(folder, "inner"));
      write(folder, { "inner/a.txt": "a" });
      commitAll(join(folder, "inner"), "inside");
      commitAll(folder, "outside");
    },
    ["100644 inner/a.txt"],
  ],
  "that the agent has committed as a link and then undone": [
    (folder) => {
      init(join(folder, "inner"));
      write(folder, { "inner/a.txt": "a" });
      commitAll(join(folder, "inner"), "inside");
      commitAll(folder, "outside");
      rmSync(join(folder, "inner", ".git"), { recursive: true });
    },
    ["100644 inner/a.txt"],
  ],
  "within another, with marks of a pattern in its name": [
    (folder) => {
      init(join(folder, "in*r [1]"));
      init(join(folder, "in*r [1]", "deep\ner"));
      write(folder, { "in*r [1]/a.txt": "a", "in*r [1]/deep\ner/b.txt": "b" });
      commitAll(join(folder, "in*r [1]", "deep\ner"), "inside");
      commitAll(join(folder, "in*r [1]"), "inside");
    },
    ["100644 in*r [1]/a.txt", '100644 "in*r [1]/deep\\ner/b.txt"'],
  ],
  "whose git folder is elsewhere": [
    (folder) => {
      mkdirSync(join(folder, "inner"));
      git(join(folder, "inner"), "init", "--quiet", `--separate-git-dir=${join(folder, ".git", "other")}`);
      write(folder, { "inner/a.txt": "a" });
      git(join(folder, "inner"), "add", "a.txt");
      git(join(folder, "inner"), "commit", "--quiet", "-m", "inside");
    },
    ["100644 inner/a.txt"],
  ],
  "around files that were there before": [
    (folder) => {
      init(folder + "/docs");
      write(folder, { "docs/new.txt": "x" });
    },
    ["100644 docs/new.txt", "100644 docs/old.txt"],
  ],
  "that tracks what is ignored, inside or outside": [
    (folder) => {
      init(join(folder, "inner"));
      write(folder, {
        "inner/.gitignore": "*.o\n",
        "inner/x.o": "o",
        "inner/my.secret": "s",
        "inner/a.txt": "a",
      });
      commitAll(join(folder, "inner"), "inside");
    },
    // Not the secret, which the outer one ignores (and not `.gitignore`, which this test doesn't look at).
    ["100644 inner/a.txt", "100644 inner/x.o"],
  ],
};

describe("a repository in a bead's checkout comes along as files", () => {
  test.for(Object.entries(COME_ALONG))("%s", async ([name, [act, expected]], { place }) => {
    const files = { "README.md": "hello\n", ".gitignore": "*.secret\ncache/\n" };
    const before = name.startsWith("around") ? { ...files, "docs/old.txt": "old" } : files;
    const { rig, directory, work, deliver, delivered, bare } = await begin(place, before);
    act(directory);
    const delivery = await deliver();
    expect(delivered()).toEqual(expected);
    if (delivery.outcome !== "done") throw new Error("nothing delivered");
    const inner = /^100644 "?([^/]*)\//.exec(expected[0] ?? "")?.[1] ?? "";
    const message = git(bare, "log", "-1", "--format=%B", delivery.commit);
    if (!name.startsWith("around") && !name.includes("undone")) {
      expect(message).toContain(
        `${inner} was a repository of its own: its files are here, its history isn't.`,
      );
    }
    expect(await work.merge(mergeOf(rig, "b1", delivery.commit), agreeing, never())).toMatchObject({
      outcome: "merged",
    });
  });

  test("whose name isn't UTF-8", async ({ place }) => {
    const { directory, deliver, delivered } = await begin(place);
    const inner = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from("caf\xe9", "latin1")]);
    init(join(directory, "plain"));
    write(directory, { "plain/a.txt": "a" });
    renameSync(join(directory, "plain"), inner);
    await deliver();
    expect(delivered()).toEqual(["100644 caf\uFFFD/a.txt"]);
  });

  test("bare, as the files that it is made of", async ({ place }) => {
    const { directory, deliver, delivered } = await begin(place);
    git(directory, "init", "--quiet", "--bare", "fixture.git");
    await deliver();
    expect(delivered()).toContain("100644 fixture.git/HEAD");
  });

  test("and is saved as files too when the container stops", async ({ place }) => {
    const { bare, rig, directory, work, checkout } = await begin(place);
    init(join(directory, "inner"));
    write(directory, { "inner/a.txt": "a" });
    expect(await work.save(checkout, rig, never())).not.toBeNull();
    expect(git(bare, "show", `${beadBranch("b1")}-wip:inner/a.txt`)).toBe("a");
  });

  test("and stays as it is in the checkout, where a second turn goes on", async ({ place }) => {
    const { directory, deliver, delivered } = await begin(place);
    init(join(directory, "inner"));
    write(directory, { "inner/a.txt": "a" });
    await deliver();
    expect(existsSync(join(directory, "inner", ".git"))).toBe(true);
    write(directory, { "inner/b.txt": "b" });
    await deliver();
    expect(delivered()).toEqual(["100644 inner/a.txt", "100644 inner/b.txt"]);
  });
});

describe("a repository in a bead's checkout", () => {
  test("that is empty is nothing to deliver", async ({ place }) => {
    const { directory, deliver } = await begin(place);
    init(join(directory, "inner"));
    expect(await deliver()).toEqual({ outcome: "no-commit" });
  });

  test("in an ignored folder is ignored", async ({ place }) => {
    const { directory, deliver, delivered } = await begin(place);
    init(join(directory, "cache", "inner"));
    write(directory, { "cache/inner/a.txt": "a", "b.txt": "b" });
    await deliver();
    expect(delivered()).toEqual(["100644 b.txt"]);
  });

  test("that is another working copy of the checkout is refused, by name", async ({ place }) => {
    const { bare, directory, deliver } = await begin(place);
    git(directory, "worktree", "add", "--quiet", "-b", "aside", "aside");
    write(directory, { "aside/work.txt": "x", "b.txt": "b" });
    await expect(deliver()).rejects.toMatchObject({
      kind: "undeliverable",
      message: expect.stringMatching(/^aside is another working copy .*git worktree/),
    });
    expect(git(bare, "branch", "--list", "curfew/*")).toBe("");
  });
});

describe("a checkout that is hostile within", () => {
  test("starts no program of an inner repository", async ({ place }) => {
    const { directory, deliver, delivered } = await begin(place);
    const inner = join(directory, "inner");
    init(inner);
    write(directory, { "inner/a.txt": "a", "inner/.gitattributes": "*.txt filter=evil\n" });
    writeFileSync(place.path("trap.sh"), `#!/bin/sh\ntouch '${place.path("sprung")}'\ncat\n`, {
      mode: 0o755,
    });
    for (const key of [
      "core.fsmonitor",
      "filter.evil.clean",
      "filter.evil.process",
      "uploadpack.packObjectsHook",
    ]) {
      git(inner, "config", key, place.path("trap.sh"));
    }
    git(inner, "config", "filter.evil.required", "true");
    write(directory, { "inner/.gitattributes": null });
    await deliver();
    expect(delivered()).toEqual(["100644 inner/a.txt"]);
    expect(readdirSync(place.folder)).not.toContain("sprung");
  });
});
