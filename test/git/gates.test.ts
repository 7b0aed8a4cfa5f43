import { existsSync, readdirSync, readFileSync, watch } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { MARKER } from "../../processes/marker.ts";
import type { GateResult } from "../../src/protocol/bead.ts";
import type { MergeOrder } from "../../src/protocol/container/order.ts";
import { agreeing, git, mergeOf, never, type Place, rigAt, test } from "./with-place.ts";

const pidIn = (file: string): number => Number(readFileSync(file, "utf8"));

/** Whether a process still runs; one that ended and was not yet reaped doesn't. */
const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

/** Merges a bead under the gates, beside somebody else's commit. */
const mergeUnder = async (place: Place, gates: string[], extra: Partial<MergeOrder> = {}) => {
  const bare = place.bare("remote.git");
  const rig = rigAt(bare);
  const work = place.work();
  const commit = await place.delivered(work, rig, "b1", { "work.txt": "x" });
  place.outsider(bare, { "theirs.txt": "y" });
  const results: GateResult[] = [];
  const hooks = { ...agreeing, gate: (result: GateResult) => void results.push(result) };
  const result = await work.merge(mergeOf(rig, "b1", commit, { gates, ...extra }), hooks, never());
  const merged = git(bare, "log", "--format=%s", "main").startsWith("Merge bead");
  return { result, results, merged };
};

describe("gates", () => {
  test("see the merged tree, in order, and their output is kept", async ({ place }) => {
    const { result, results, merged } = await mergeUnder(place, [
      "cat work.txt theirs.txt; echo; echo bad >&2; echo good",
      "git log -1 --format=%s; cd /; exit 0",
    ]);
    expect(result.outcome).toBe("merged");
    expect(merged).toBe(true);
    expect(results).toEqual([
      {
        command: expect.stringContaining("cat"),
        exitCode: 0,
        output: "xy\nbad\ngood\n",
        durationMs: expect.any(Number),
      },
      {
        command: expect.any(String),
        exitCode: 0,
        output: "Merge bead b1: Work of b1\n",
        durationMs: expect.any(Number),
      },
    ]);
  });

  test("stop at the first that fails, and nothing is pushed", async ({ place }) => {
    const { result, results, merged } = await mergeUnder(place, ["true", "echo no; exit 3", "echo never"]);
    expect(result).toEqual({
      outcome: "gate-failed",
      reason: "The gate `echo no; exit 3` failed with exit code 3.",
    });
    expect(results.map(({ exitCode, output }) => [exitCode, output])).toEqual([
      [0, ""],
      [3, "no\n"],
    ]);
    expect(merged).toBe(false);
  });

  test("are killed with all that they started when their time is over", async ({ place }) => {
    const pids = place.path("pids");
    const command = `sleep 1000 & echo $! > '${pids}'; echo begun; trap '' TERM; sleep 1000; sleep 1000`;
    const { result, results } = await mergeUnder(place, [command], { gateMaxMs: 2000 });
    expect(result).toMatchObject({
      outcome: "gate-failed",
      reason: expect.stringContaining("did not end within 2 s"),
    });
    expect(results).toMatchObject([{ exitCode: null, output: "begun\n" }]);
    expect(isAlive(pidIn(pids))).toBe(false);
  });

  test("leave nothing running when they end by themselves", async ({ place }) => {
    const pids = place.path("pids");
    const { result } = await mergeUnder(place, [`sleep 1000 & echo $! > '${pids}'`]);
    expect(result.outcome).toBe("merged");
    expect(isAlive(pidIn(pids))).toBe(false);
  });

  test("may leave folders behind that can't be written to", async ({ place }) => {
    const { result } = await mergeUnder(place, [
      "mkdir -p locked/in && touch locked/in/file && chmod -R a-w locked",
    ]);
    expect(result.outcome).toBe("merged");
    expect(readdirSync(join(place.workRoot, "temporary"))).toEqual([]);
  });

  test("may print half a gigabyte: the end of it is kept, the rest takes no memory", async ({ place }) => {
    const before = process.memoryUsage.rss();
    const { results } = await mergeUnder(place, [
      "yes 'ääääääääääääääääääääää' | head -c 499999995; echo end",
    ]);
    expect(results[0]?.exitCode).toBe(0);
    const output = results[0]?.output ?? "";
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(64 * 1024);
    expect(Buffer.byteLength(output)).toBeGreaterThan(64 * 1024 - 4);
    expect(output.endsWith("end\n")).toBe(true);
    expect(output).not.toContain("\uFFFD");
    expect(process.memoryUsage.rss() - before).toBeLessThan(250_000_000);
  });

  test("wait for nobody: an editor, a pager and a question for a password end at once", async ({ place }) => {
    const bare = place.bare("remote.git");
    const work = place.work();
    const commit = await place.delivered(work, rigAt(bare), "b1", { a: "a" });
    const gates = [
      "! git -c user.name=a -c user.email=a commit --allow-empty",
      "git -c user.name=a -c user.email=a commit --quiet --amend",
      "git -c core.pager=false --paginate log | grep -q first",
      "printf 'protocol=https\\nhost=a.invalid\\n' | git credential fill 2>&1 | grep -q disabled",
      'test "$CI" = true',
    ];
    expect(await work.merge(mergeOf(rigAt(bare), "b1", commit, { gates }), agreeing, never())).toMatchObject({
      outcome: "merged",
    });
  });

  test("see nothing of our environment that could be a secret", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const env = {
      PATH: process.env["PATH"],
      CURFEW_TOKEN: "secret",
      GITHUB_TOKEN: "secret",
      https_proxy: "http://me:secret@proxy.example.org",
      no_proxy: "localhost",
      [MARKER]: "engine-1",
    };
    const work = place.work({ env });
    const commit = await place.delivered(work, rig, "b1", { "work.txt": "x" });
    let output = "";
    const hooks = { ...agreeing, gate: (result: GateResult) => void (output += result.output) };
    await work.merge(mergeOf(rig, "b1", commit, { gates: ["env"] }), hooks, never());
    const names = output.split("\n").map((line) => line.split("=")[0]);
    expect(output).not.toContain("secret");
    expect(names).toEqual(expect.arrayContaining(["PATH", "HOME", "TMPDIR", "CI", "no_proxy", MARKER]));
    // By the marker the engine finds what it has to end.
    expect(output).toContain(`${MARKER}=engine-1\n`);
  });

  test("are ended when the merge is cancelled", async ({ place }) => {
    const bare = place.bare("remote.git");
    const rig = rigAt(bare);
    const work = place.work();
    const commit = await place.delivered(work, rig, "b1", { "work.txt": "x" });
    const pids = place.path("pids");
    const cancel = new AbortController();
    const watcher = watch(place.folder, () => existsSync(pids) && cancel.abort());
    const gates = [`echo $$ > '${pids}.new'; mv '${pids}.new' '${pids}'; sleep 1000`];
    expect(await work.merge(mergeOf(rig, "b1", commit, { gates }), agreeing, cancel.signal)).toEqual({
      outcome: "cancelled",
    });
    watcher.close();
    expect(isAlive(pidIn(pids))).toBe(false);
    expect(readdirSync(join(place.workRoot, "temporary"))).toEqual([]);
  });
});
