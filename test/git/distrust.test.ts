import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { agreeing, beadBranch, git, mergeOf, never, type Place, rigAt, test, write } from "./with-place.ts";

/*
 * An agent owns its checkout, `.git` and all. Whatever it writes there, none of it becomes a program
 * that our git starts, nor a place that our git goes to.
 */

/** A program that tells that it ran. */
const trap = (place: Place): string => {
  write(place.folder, { "trap.sh": `#!/bin/sh\ntouch '${place.path("sprung")}'\ncat\n` });
  chmodSync(place.path("trap.sh"), 0o755);
  return place.path("trap.sh");
};

describe("a checkout whose configuration is hostile", () => {
  test("starts no program of the agent's and sends nothing elsewhere", async ({ place }) => {
    const bare = place.bare("remote.git", {
      "a.txt": "1\n",
      ".gitattributes": "*.txt diff=evil\n",
    });
    const decoy = place.bare("decoy.git");
    const rig = rigAt(`file://${bare}`);
    const directory = place.path("checkout");
    const work = place.work();
    const checkout = await work.checkout({ rig, branch: beadBranch("b1"), directory }, never());
    const script = trap(place);
    const hostile: Record<string, string> = {
      "core.fsmonitor": script,
      "core.sshCommand": script,
      "core.hooksPath": place.path("hooks"),
      "core.alternateRefsCommand": script,
      "core.worktree": place.folder,
      "filter.evil.clean": script,
      "filter.evil.smudge": script,
      "filter.evil.process": script,
      "diff.evil.command": script,
      "diff.evil.textconv": script,
      "diff.external": script,
      "credential.helper": `!${script}`,
      "uploadpack.packObjectsHook": script,
      "remote.origin.url": decoy,
      "remote.origin.receivepack": script,
      [`url.file://${decoy}.insteadOf`]: `file://${bare}`,
      "commit.gpgSign": "true",
      "gpg.program": script,
    };
    for (const [key, value] of Object.entries(hostile)) git(directory, "config", key, value);
    for (const hook of [
      "pre-commit",
      "post-commit",
      "pre-push",
      "reference-transaction",
      "post-index-change",
    ]) {
      write(place.folder, { [`hooks/${hook}`]: `#!/bin/sh\nexec '${script}'\n` });
      chmodSync(place.path(`hooks/${hook}`), 0o755);
      writeFileSync(join(directory, ".git", "HEAD"), `ref: refs/heads/${beadBranch("b1")}\n`);
    }
    // A filter that only the agent's own attributes name.
    write(directory, { "a.txt": "1\n2\n", ".git/info/attributes": "*.txt filter=evil\n" });

    expect(await work.save(checkout, rig, never())).not.toBeNull();
    const delivery = await work.deliver(checkout, { rig, title: "t", agent: "polecat-1" }, never());
    expect(delivery).toMatchObject({ outcome: "done", diff: { insertions: 1 } });
    expect(git(bare, "show", `${beadBranch("b1")}:a.txt`)).toBe("1\n2");
    expect(git(decoy, "branch", "--list", "curfew/*")).toBe("");
    expect(existsSync(place.path("sprung"))).toBe(false);
  });

  test("starts nothing where it holds another repository", async ({ place }) => {
    const bare = place.bare("remote.git");
    const submodule = place.repository("submodule");
    git(bare, "worktree", "add", "--quiet", place.path("tree"), "main");
    git(
      place.path("tree"),
      "-c",
      "protocol.file.allow=always",
      "submodule",
      "add",
      "--quiet",
      submodule,
      "sub",
    );
    git(place.path("tree"), "commit", "--quiet", "-m", "with a submodule");
    git(bare, "worktree", "remove", "--force", place.path("tree"));

    const rig = rigAt(bare);
    const directory = place.path("checkout");
    const work = place.work();
    const checkout = await work.checkout({ rig, branch: beadBranch("b1"), directory }, never());
    for (const key of ["core.fsmonitor", "uploadpack.packObjectsHook", "core.alternateRefsCommand"]) {
      git(join(directory, "sub"), "config", key, trap(place));
    }
    write(directory, { "sub/README.md": "changed", "work.txt": "x" });
    const refused = work.deliver(checkout, { rig, title: "t", agent: "polecat-1" }, never());
    await expect(refused).rejects.toMatchObject({ kind: "undeliverable" });
    write(directory, { "sub/README.md": "hello\n" });
    const delivery = await work.deliver(checkout, { rig, title: "t", agent: "polecat-1" }, never());
    expect(delivery).toMatchObject({ outcome: "done", diff: { files: 1 } });
    expect(existsSync(place.path("sprung"))).toBe(false);
  });
});

describe("a gate that interferes", () => {
  test("changes neither what is pushed nor where it goes", async ({ place }) => {
    const bare = place.bare("remote.git");
    const decoy = place.bare("decoy.git");
    const rig = rigAt(bare);
    git(place.folder, "init", "--quiet");
    git(place.folder, "commit", "--quiet", "--allow-empty", "-m", "around");
    const work = place.work();
    const commit = await place.delivered(work, rig, "b1", { "work.txt": "x\n" });
    const gates = [
      "echo sneaked in > work.txt && git commit -qam sneaked",
      `git config url.${decoy}.insteadOf ${bare}`,
      "rm -rf .git",
      "! git rev-parse HEAD",
      'test -z "$(env | grep -i -E "token|secret|GIT_CONFIG|SSH_(AUTH|AGENT|KEY)|SSH_COMMAND" )"',
    ];
    const result = await work.merge(mergeOf(rig, "b1", commit, { gates }), agreeing, never());
    expect(result).toMatchObject({ outcome: "merged", mergeCommit: git(bare, "rev-parse", "main") });
    expect(git(bare, "log", "--topo-order", "--format=%s", "main").split("\n")).toEqual([
      "Merge bead b1: Work of b1",
      "Work of b1",
      "first",
    ]);
    expect(git(bare, "show", "main:work.txt")).toBe("x");
  });
});
