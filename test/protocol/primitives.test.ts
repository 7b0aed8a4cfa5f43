import { execFileSync } from "node:child_process";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { BranchName, CommitId, RigName, TownId } from "../../src/protocol/primitives.ts";
import { GitUrl, NewRig } from "../../src/protocol/rig.ts";

const isBranch = (name: string): boolean => v.is(BranchName, name);

/** Whether git itself takes the name for a branch. */
const gitTakes = (name: string): boolean => {
  try {
    execFileSync("git", ["check-ref-format", "--branch", name], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

describe("a branch's name", () => {
  const piece = fc.constantFrom(
    ..."a B 7 - . .. / // @ @{ .lock HEAD ~ ^ : ? * [ \\ é 日 🐎 refs/heads _ + = ! ' \" $(x) ;".split(" "),
    " ",
    "\t",
    "\n",
    "\0",
    "\x7f",
  );
  const name = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(""));

  test("W10: is one that git takes, and none begins with a dash, where git would read an option", () => {
    fc.assert(
      fc.property(name.filter(isBranch), (accepted) => {
        expect(accepted).not.toMatch(/^-/);
        expect(gitTakes(accepted), accepted).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("is not one of the names that git keeps for itself", () => {
    for (const kept of [
      "HEAD",
      "@",
      "-",
      "--all",
      "a..b",
      "x.lock",
      "x.lock/y",
      "/x",
      "x/",
      ".x",
      "x/.y",
      "x.",
    ])
      expect([kept, isBranch(kept)]).toEqual([kept, false]);
  });

  test("may be what people use", () => {
    for (const used of ["main", "release/1.2", "feature/a-b_c", "head", "fix@home", "größe", "v1.lock-step"])
      expect([used, isBranch(used), gitTakes(used)]).toEqual([used, true, true]);
  });

  test("has at most 200 characters", () => {
    expect([isBranch("a".repeat(200)), isBranch("a".repeat(201))]).toEqual([true, false]);
  });
});

describe("a repository's address", () => {
  const is = (url: string): boolean => v.is(GitUrl, url);
  const piece = fc.constantFrom(
    ..."https:// ssh:// git@ file:/// / // \\ : @ ? # user user:secret@ a@b:".split(" "),
    ..."host.example host.example:22 repo.git secret %40 .. - é".split(" "),
  );
  const url = fc
    .tuple(
      fc.constantFrom("https://", "ssh://", "git@", "file:///", "/", ""),
      fc.array(piece, { maxLength: 6 }),
    )
    .map(([scheme, pieces]) => scheme + pieces.join(""));

  test("W10: never holds a password, nor for https a user, as any reader of URLs finds them", () => {
    fc.assert(
      fc.property(url.filter(is), (given) => {
        const accepted = v.parse(GitUrl, given);
        expect(accepted).not.toMatch(/^-/);
        if (!/^(https|ssh):/.test(accepted)) return;
        const { username, password } = new URL(accepted);
        expect(password, accepted).toBe("");
        if (accepted.startsWith("https:")) expect(username, accepted).toBe("");
      }),
      { numRuns: 5000 },
    );
  });

  test.for([
    "https://user:secret@host.example/repo",
    "https://token@host.example/repo",
    "https:///user:secret@host.example/repo",
    "https://host.example\\@user:secret@evil.example/repo",
    "ssh://git:secret@host.example/repo",
    "ssh://a@b:secret@host.example/repo",
    "https://",
    "https:///repo",
    "http://host.example/repo",
    "git://host.example/repo",
    "ext::sh -c id",
    "-oProxyCommand=id",
    "-v@host.example:repo",
    "git@-oProxyCommand:repo",
    "ssh://-oProxyCommand=id/repo",
    "ssh://git@-oProxyCommand=id/repo",
    "relative/path",
    "https://host.example/a b",
    "host.example/a b",
    "user:secret@host.example/repo",
    "/srv/two\nlines",
    "~somebody/repo",
    "~",
    "",
  ])("is not %s", (refused) => {
    expect(is(refused)).toBe(false);
  });

  test.for([
    "https://host.example/owner/repo.git",
    "https://host.example:8443/repo?ref=x#y",
    "ssh://git@host.example:2222/owner/repo.git",
    "ssh://host.example/repo",
    "git@host.example:owner/repo.git",
    "file:///srv/repo.git",
    "/srv/repo@2",
    "/srv/My Projects/été [1]",
    "file:///srv/My Projects/repo.git",
    "~/code/repo",
    "~/My Projects/repo",
  ])("may be %s", (accepted) => {
    expect(v.parse(GitUrl, ` ${accepted} `)).toBe(accepted);
  });

  test.for([
    "github.com/owner/repo",
    "www.github.com/owner/repo.git",
    "GitHub.com/owner/repo",
    "git.host.example:8443/repo",
    "gitlab.com/group/sub-group/repo/",
  ])("that is %s, as a browser shows it, is taken for the https URL", (shown) => {
    expect(v.parse(GitUrl, shown)).toBe(`https://${shown}`);
  });

  test.for([
    ["http://github.com/o/r", "write https://"],
    ["git://github.com/o/r", "write https:// or ssh://"],
    ["git+https://github.com/o/r", "leave git+ out"],
    ["o/r", "https://github.com/owner/repo"],
    ["./repo", "a path must be absolute"],
    ["../repo", "a path must be absolute"],
    ["~me/repo", "write ~/path"],
    ["C:\\repo", "Windows"],
    ["github.com:o/r.git", "git@host:owner/repo"],
    ["HTTPS://github.com/o/r", "small letters"],
  ] as const)("that is %s is refused with what to write instead", ([url, hint]) => {
    expect(v.safeParse(GitUrl, url).issues?.[0].message).toContain(hint);
  });

  const add = (gitUrl: string) => v.safeParse(NewRig, { name: "repo", gitUrl });

  test.for([
    ["file:///srv/100%", "%25"],
    ["file:///srv/a%2Fb", "%25"],
    ["file:///srv/repo%00", "control"],
    ["file:///srv/two%0Alines", "control"],
    ["file:///srv/repo#2", "%23"],
    ["file:///srv/repo?", "%3F"],
  ] as const)(
    "that is %s names another path than it seems to, or none: it is refused for a new rig",
    ([url, hint]) => {
      expect(add(url).issues?.[0].message).toContain(hint);
      expect(add("file:///srv/100%25%20%23%3F%C3%A9/repo").success).toBe(true);
    },
  );
});

test("ids are what they look like, and nothing that SQL, a path or a URL reads otherwise", () => {
  for (const id of ["", "t", "../t", "t'--", "T".repeat(21), `t${"1".repeat(20)}`, `t${"a".repeat(21)}`])
    expect([id, v.is(TownId, id)]).toEqual([id, false]);
  expect(v.is(TownId, `t${"a".repeat(20)}`)).toBe(true);
  expect(["repo", "a-b_2", "A", "-a", "a/b", "a".repeat(41)].map((name) => v.is(RigName, name))).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  expect([40, 41, 64].map((length) => v.is(CommitId, "f".repeat(length)))).toEqual([true, false, true]);
});
