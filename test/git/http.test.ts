import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { Credential } from "../../src/protocol/rig.ts";
import { HttpRemote } from "./http-remote.ts";
import {
  agreeing,
  beadBranch,
  git,
  mergeOf,
  never,
  type Place,
  rigAt,
  test as base,
  write,
} from "./with-place.ts";

const TOKEN = "s3cret+/= %41'\"$(token)";

const test = base.extend<{ open: (place: Place, password: string | null) => Promise<HttpRemote> }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the parameter's own text
  open: async ({}, use) => {
    const remotes: HttpRemote[] = [];
    await use(async (place, password) => {
      const remote = new HttpRemote(place.folder, password);
      remotes.push(remote);
      await remote.open();
      return remote;
    });
    for (const remote of remotes) remote.close();
  },
});

const token = (value: string): Credential => ({ kind: "token", username: "x-access-token", token: value });

/** Everything that other processes of this user can read of a process, of all processes. */
const visible = (): string =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) =>
      ["cmdline", "environ"].map((file) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, "utf8");
        } catch {
          return ""; // It ended in between.
        }
      }),
    )
    .join("\n");

const everyFile = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");

describe("a repository that wants a token", () => {
  test("is read and written with it, and the token is nowhere to be seen", async ({ place, open }) => {
    const bare = place.bare("remote.git");
    git(bare, "config", "http.receivepack", "true");
    const remote = await open(place, TOKEN);
    const rig = rigAt(remote.url("remote.git"), { credential: token(TOKEN) });
    const work = place.work();
    const forms = [
      TOKEN,
      Buffer.from(TOKEN).toString("base64"),
      Buffer.from(`x-access-token:${TOKEN}`).toString("base64"),
      encodeURIComponent(TOKEN),
    ];
    const sightings: string[] = [];
    let samples = 0;
    const sample = () => {
      const all = visible() + everyFile(place.workRoot);
      samples++;
      sightings.push(...forms.filter((form) => all.includes(form)));
    };

    expect(await work.check(rig, never())).toMatchObject({ outcome: "ready" });
    const commit = await place.delivered(work, rig, "b1", { "work.txt": "x" });
    remote.hold = /git-receive-pack$/;
    const cancel = new AbortController();
    const held = remote.held();
    const order = mergeOf(rig, "b1", commit, { gates: ["env", "cat .git/config"] });
    let gates = "";
    const hooks = { ...agreeing, gate: ({ output }: { output: string }) => void (gates += output) };
    const merging = work.merge(order, hooks, cancel.signal);
    await held;
    // At this moment git waits for the server, which it has shown the token.
    expect(visible()).toContain(rig.gitUrl);
    sample();
    remote.hold = null;
    cancel.abort();
    expect(await merging).toEqual({ outcome: "cancelled" });
    sample();
    expect(await work.merge(order, agreeing, never())).toMatchObject({ outcome: "merged" });
    sample();

    expect(samples).toBe(3);
    expect(sightings).toEqual([]);
    expect(forms.filter((form) => gates.includes(form) || place.log.join("\n").includes(form))).toEqual([]);
    expect(remote.seen.filter((line) => line.startsWith("Basic")).length).toBeGreaterThan(0);
    expect(git(bare, "show", "main:work.txt")).toBe("x");
  });

  test("says whether a credential is missing or wrong, and doesn't show it", async ({ place, open }) => {
    place.bare("remote.git");
    const remote = await open(place, TOKEN);
    const url = remote.url("remote.git");
    expect(await place.work().check(rigAt(url), never())).toEqual({
      outcome: "failed",
      reason: `${url} wants a credential, and the rig has none.`,
    });
    const wrong = rigAt(url, { credential: token("wr0ng-token") });
    expect(await place.work().check(wrong, never())).toEqual({
      outcome: "failed",
      reason: `${url} does not accept the rig's credential.`,
    });
    expect(
      await place.work().check(rigAt(remote.url("nope.git"), { credential: token(TOKEN) }), never()),
    ).toEqual({
      outcome: "failed",
      reason: `There is no git repository at ${remote.url("nope.git")}, or the rig's credential may not see it.`,
    });
  });

  test("gets its token only itself, not a host that it sends git on to", async ({ place, open }) => {
    place.bare("remote.git");
    const [own, other] = [await open(place, TOKEN), await open(place, TOKEN)];
    own.redirect = other.url("").slice(0, -1);
    const rig = rigAt(own.url("remote.git"), { credential: token(TOKEN) });
    expect(await place.work().check(rig, never())).toMatchObject({ outcome: "failed" });
    expect(other.seen.length).toBeGreaterThan(0);
    expect(other.seen.filter((line) => line.startsWith("Basic"))).toEqual([]);
  });
});

describe("a repository that doesn't answer", () => {
  test("is given up after the time limit", async ({ place, open }) => {
    place.bare("remote.git");
    const remote = await open(place, null);
    remote.hold = /./;
    const url = remote.url("remote.git");
    expect(await place.work({ gitMaxMs: 300 }).check(rigAt(url), never())).toEqual({
      outcome: "failed",
      reason: `git ls-remote did not end within 0.3 s (${url}).`,
    });
  });

  test("does not keep work in progress from being saved", async ({ place, open }) => {
    const bare = place.bare("remote.git");
    git(bare, "config", "http.receivepack", "true");
    const remote = await open(place, null);
    const rig = rigAt(remote.url("remote.git"));
    const directory = place.path("checkout");
    const work = place.work();
    const checkout = await work.checkout({ rig, branch: beadBranch("b1"), directory }, never());
    write(directory, { "work.txt": "half" });
    place.outsider(bare, { "other.txt": "x" });

    // Another operation has the mirror for itself, and its fetch hangs.
    remote.hold = /git-upload-pack$/;
    const held = remote.held();
    const stuck = new AbortController();
    const other = work.checkout(
      { rig, branch: beadBranch("b2"), directory: place.path("other") },
      stuck.signal,
    );
    const ended = other.catch((fault: unknown) => fault);
    await held;
    remote.hold = null;
    const saved = await work.save(checkout, rig, never());
    expect(saved?.commit).toBe(git(bare, "rev-parse", `${beadBranch("b1")}-wip`));
    stuck.abort();
    expect(await ended).toMatchObject({ kind: "cancelled" });
  });

  test("does not spoil the next try when the first clone is cancelled or the mirror was left locked", async ({
    place,
    open,
  }) => {
    const bare = place.bare("remote.git");
    const remote = await open(place, null);
    const rig = rigAt(remote.url("remote.git"));
    const work = place.work();
    const wanted = { rig, branch: beadBranch("b1"), directory: place.path("checkout") };
    remote.hold = /git-upload-pack$/;
    const cancel = new AbortController();
    const held = remote.held();
    const first = work.checkout(wanted, cancel.signal).catch((fault: unknown) => fault);
    await held;
    cancel.abort();
    expect(await first).toMatchObject({ kind: "cancelled" });
    remote.hold = null;
    expect(readdirSync(join(place.workRoot, "temporary"))).toEqual([]);
    await work.checkout(wanted, never());

    const [mirror = ""] = readdirSync(join(place.workRoot, "mirrors"));
    write(join(place.workRoot, "mirrors", mirror), { "refs/heads/main.lock": "", "packed-refs.lock": "" });
    const head = place.outsider(bare, { "later.txt": "x" });
    expect(await work.checkout(wanted, never())).toMatchObject({ base: head });
  });
});
