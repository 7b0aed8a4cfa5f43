import { userInfo } from "node:os";
import { relative } from "node:path";
import { describe, expect } from "vitest";
import { git, never, rigAt, test, write } from "./with-place.ts";

describe("looking at a repository", () => {
  test("finds the branch that the rig names", async ({ place }) => {
    const bare = place.bare("remote.git");
    const head = place.outsider(bare, { "new.txt": "x" }, "release/2.x");
    const result = await place.work().check(rigAt(bare, { branch: "release/2.x" }), never());
    expect(result).toEqual({ outcome: "ready", branch: "release/2.x", head });
  });

  test("finds the default branch where the rig names none", async ({ place }) => {
    const bare = place.bare("remote.git");
    const head = place.outsider(bare, { "new.txt": "x" }, "trunk");
    git(bare, "symbolic-ref", "HEAD", "refs/heads/trunk");
    const result = await place.work().check(rigAt(`file://${bare}`, { branch: null }), never());
    expect(result).toEqual({ outcome: "ready", branch: "trunk", head });
  });

  test("works with a repository of the newer object format", async ({ place }) => {
    const folder = place.path("sha256");
    git(place.folder, "init", "--quiet", "--object-format=sha256", "--initial-branch=main", folder);
    write(folder, { a: "a" });
    git(folder, "add", "a");
    git(folder, "commit", "--quiet", "-m", "first");
    const result = await place.work().check(rigAt(folder), never());
    expect(result).toEqual({ outcome: "ready", branch: "main", head: git(folder, "rev-parse", "HEAD") });
  });

  test("works at a path with blanks and other marks, and with one that begins at home", async ({ place }) => {
    const bare = place.bare("My Projects, [1] 'été'.git");
    const head = git(bare, "rev-parse", "main");
    // As a person sees it whose home isn't the one that our process is given.
    const fromHome = `~/${relative(userInfo().homedir, bare)}`;
    for (const url of [bare, `file://${bare}`, fromHome]) {
      const result = await place.work().check(rigAt(url), never());
      expect(result).toEqual({ outcome: "ready", branch: "main", head });
    }
  });

  test("says which branch is missing", async ({ place }) => {
    const bare = place.bare("remote.git");
    const result = await place.work().check(rigAt(bare, { branch: "nope" }), never());
    expect(result).toEqual({ outcome: "failed", reason: `${bare} has no branch nope.` });
  });

  test("says that a branch stands where those of the beads would be", async ({ place }) => {
    const bare = place.bare("remote.git");
    place.outsider(bare, { "new.txt": "x" }, "curfew");
    const result = await place.work().check(rigAt(bare), never());
    expect(result).toEqual({
      outcome: "failed",
      reason: `${bare} has a branch curfew: with it there can be none of the name curfew/…, where beads are pushed to. Rename it.`,
    });
  });

  test("says that a repository has no commits yet", async ({ place }) => {
    const empty = place.path("empty.git");
    git(place.folder, "init", "--quiet", "--bare", empty);
    for (const branch of ["main", null]) {
      const result = await place.work().check(rigAt(empty, { branch }), never());
      expect(result).toEqual({
        outcome: "failed",
        reason: `${empty} has no commits yet: push a first one, then try again.`,
      });
    }
  });

  test("asks for a branch where HEAD is detached", async ({ place }) => {
    const folder = place.repository("detached");
    git(folder, "checkout", "--quiet", "--detach");
    const result = await place.work().check(rigAt(folder, { branch: null }), never());
    expect(result).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("Give the rig a branch"),
    });
  });

  test("says that a folder is no repository, and that there is none", async ({ place }) => {
    write(place.folder, { "plain/file.txt": "x" });
    for (const path of [place.path("plain"), place.path("nowhere"), `file://${place.path("nowhere")}`]) {
      const result = await place.work().check(rigAt(path), never());
      expect(result).toEqual({ outcome: "failed", reason: `There is no git repository at ${path}.` });
    }
  });

  test("says that a host doesn't answer", async ({ place }) => {
    // Nobody listens on port 1; the name is reserved for never existing (RFC 6761).
    const refused = await place.work().check(rigAt("https://127.0.0.1:1/a.git"), never());
    expect(refused).toEqual({
      outcome: "failed",
      reason: "127.0.0.1:1 can't be reached, or cut the connection.",
    });
    const unknown = await place.work().check(rigAt("https://nobody.invalid/a.git"), never());
    expect(unknown).toEqual({ outcome: "failed", reason: "The host nobody.invalid was not found." });
  });

  test.for([
    ["--upload-pack=touch was-here", "is neither a URL nor an absolute path"],
    ["ext::sh -c true", "must be an https, ssh or file URL"],
    ["git://example.org/a.git", "must be an https, ssh or file URL"],
    ["http://example.org/a.git", "is http"],
    ["https://me:secret@example.org/a.git", "holds a user or password"],
    ["https://ghp_token@example.org/a.git", "holds a user or password"],
    ["file://server/share", "another host"],
    ["relative/path", "is neither a URL nor an absolute path"],
  ] as const)("refuses the address %s", async ([url, why], { place }) => {
    const result = await place.work().check(rigAt(url), never());
    expect(result).toEqual({ outcome: "failed", reason: expect.stringContaining(why) });
  });

  test.for(["-x", "a..b", "a b", "refs/../x", "x.lock", "@{-1}", ""])(
    "refuses %j as a branch",
    async (branch, { place }) => {
      const result = await place.work().check(rigAt(place.bare("remote.git"), { branch }), never());
      const reason = `${JSON.stringify(branch)} is not the name of a branch.`;
      expect(result).toEqual({ outcome: "failed", reason });
    },
  );

  test("ends as soon as it is cancelled", async ({ place }) => {
    const cancel = new AbortController();
    const result = place.work().check(rigAt(place.bare("remote.git")), cancel.signal);
    cancel.abort();
    expect(await result).toEqual({ outcome: "failed", reason: "Cancelled." });
  });
});
