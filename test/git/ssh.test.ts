import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { agreeing, mergeOf, never, type Place, rigAt, test, write } from "./with-place.ts";

const KEY =
  "-----BEGIN OPENSSH PRIVATE KEY-----\r\nbm90IGEga2V5IGF0IGFsbA==\r\n-----END OPENSSH PRIVATE KEY-----";

/**
 * There is no ssh server on a machine that has only git, so `ssh` on the PATH is one that runs git's
 * command right here; git's side of it is real. (With OpenSSH's own server it was tried by hand.)
 */
const withSsh = (place: Place) => {
  const script = fileURLToPath(new URL("fixture/ssh.mjs", import.meta.url));
  const run = `#!/bin/sh\nexec '${process.execPath}' '${script}' '${place.path("ssh-notes")}' "$@"\n`;
  const notes = place.path("ssh-notes");
  write(place.folder, { "bin/ssh": run, "ssh-notes": "" });
  chmodSync(place.path("bin/ssh"), 0o755);
  return {
    env: { PATH: `${place.path("bin")}:${process.env["PATH"]}` },
    notes: () =>
      readFileSync(notes, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Note),
  };
};

interface Note {
  readonly args: string[];
  readonly file: string | null;
  readonly key: { readonly text: string; readonly mode: string } | null;
  readonly environment: string[];
}

describe("a repository that is reached by ssh", () => {
  test("gets the rig's key and no other, from a file that is gone afterwards", async ({ place }) => {
    const { env, notes } = withSsh(place);
    const bare = place.bare("remote.git");
    const rig = rigAt(`ssh://git@example.org${bare}`, { credential: { kind: "ssh", privateKey: KEY } });
    const work = place.work({ env });
    const commit = await place.delivered(work, rig, "b1", { "work.txt": "x" });
    let left: unknown = null;
    // While gates run, which could read any file of ours, there is no key.
    const hooks = { ...agreeing, gate: () => void (left = keyFiles(place)) };
    const order = mergeOf(rig, "b1", commit, { gates: ["true"] });
    expect(await work.merge(order, hooks, never())).toMatchObject({ outcome: "merged" });

    expect(left).toEqual([]);
    expect(keyFiles(place)).toEqual([]);
    expect(notes().length).toBeGreaterThan(4);
    for (const { args, key, environment } of notes()) {
      expect(key).toEqual({ text: `${KEY.replaceAll("\r\n", "\n")}\n`, mode: "600" });
      for (const option of [
        "BatchMode=yes",
        "IdentitiesOnly=yes",
        "IdentityAgent=none",
        "StrictHostKeyChecking=accept-new",
        `UserKnownHostsFile="${join(place.workRoot, "known_hosts")}"`,
      ]) {
        expect(args[args.indexOf(option) - 1], option).toBe("-o");
      }
      expect(args.slice(args.indexOf("-F"), args.indexOf("-F") + 2)).toEqual(["-F", "/dev/null"]);
      expect(args.join(" ")).not.toContain("bm90IGEga2V5");
      expect(environment).not.toContain("SSH_AUTH_SOCK");
      expect(environment).not.toContain("SSH_ASKPASS");
    }
    expect(place.log.join("\n")).not.toContain("bm90IGEga2V5");
  });

  test("is offered no key of this machine's user where the rig has none", async ({ place }) => {
    const { env, notes } = withSsh(place);
    const rig = rigAt(`git@example.org:${place.bare("remote.git")}`);
    expect(await place.work({ env }).check(rig, never())).toMatchObject({ outcome: "ready" });
    const [note] = notes();
    expect(note?.file).toBeNull();
    expect(note?.args).toContain("PubkeyAuthentication=no");
  });
});

const keyFiles = (place: Place): string[] =>
  readdirSync(place.workRoot, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file, "latin1").includes("PRIVATE KEY"));
