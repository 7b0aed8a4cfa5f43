import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GateResult, GateSummary } from "../../src/protocol/bead.ts";
import type { Problem } from "../../src/protocol/problem.ts";
import { makeCheckpoint } from "../support/checkpoint.ts";
import { type Curfew, startCurfew } from "../support/curfew.ts";
import { freePort } from "../support/free-port.ts";
import { expectMergedOnce } from "../support/merged-once.ts";
import { makeRepository, type Repository } from "../support/repository.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { foundTown, type LiveTown, townWithRig } from "../support/town.ts";
import { watchAgent } from "../support/watch-rooms.ts";

let curfew: Curfew;

beforeAll(async () => {
  curfew = await startCurfew({
    env: {
      CURFEW_RETRY_BASE: "100ms",
      // What ends at once must be able to, on a machine that is busy.
      CURFEW_BLOCK_LIMIT: "5s",
      CURFEW_GATE_MAX: "5s",
    },
  });
});

afterAll(() => curfew?.[Symbol.asyncDispose]());

/** Whatever happened before, an ordinary bead goes through. */
const expectUseful = async (town: LiveTown, repository: Repository, before = 0): Promise<void> => {
  const bead = await town.closed(await town.sling("hello", "Something ordinary", "echo fine > fine.txt"));
  expect(repository.read("fine.txt")).toBe("fine");
  expect(bead.attempts).toBe(before);
};

describe.concurrent("a bead", () => {
  it.each([
    ["fails", "echo about to fail; exit 7", /^Block 1 of 1 failed \(exit code 7\): about to fail$/],
    ["never ends", "echo on and on; sleep 1000", /^Block 1 of 1 failed \(ended after 5 s, its time limit\)/],
  ])("whose block %s is tried three times, then says why", async (_what, script, reason) => {
    using stack = new DisposableStack();
    const { town, repository } = await townWithRig(curfew, "Block", stack);
    const bead = await town.failed(await town.sling("hello", "Something hopeless", script));
    expect(bead).toMatchObject({ attempts: 3, mergeCommit: null, retryAt: null });
    expect(bead.reason).toMatch(reason);
    await expectUseful(town, repository);
  });

  it("that says what to do in words fails at once: there is no model that could read them", async () => {
    using stack = new DisposableStack();
    const { town, repository } = await townWithRig(curfew, "Words", stack);
    const order = { rig: "hello", title: "Be creative", body: "Do what you think is best." };
    const { id } = await town.call<{ id: string }>("POST", "/beads", order);
    const bead = await town.failed(id);
    expect(bead.attempts).toBe(1);
    expect(bead.reason).toContain("only run the fenced `sh` blocks");
    await expectUseful(town, repository);
  });

  it("whose block changes nothing fails at once, and says how to say that no change is needed", async () => {
    using stack = new DisposableStack();
    const { town, repository } = await townWithRig(curfew, "Nothing", stack);
    const bead = await town.failed(await town.sling("hello", "Nothing to do", "true"));
    expect(bead.attempts).toBe(1);
    expect(bead.reason).toMatch(/changed nothing\. .*# curfew: no change needed <why>$/);
    const said = await town.sling("hello", "Nothing to do", "echo '# curfew: no change needed all is well'");
    expect((await town.closed(said)).reason).toBe("No change needed: all is well");
    await expectUseful(town, repository);
  });

  it("whose block prints 100 MB is done; the transcript has the end of it, and says how much it lacks", async () => {
    using stack = new DisposableStack();
    const { town, repository } = await townWithRig(curfew, "Loud", stack);
    const script = "yes 0123456789abcdef | head -c 100000000; echo; echo the end; echo done > loud.txt";
    expectMergedOnce(repository, [await town.closed(await town.sling("hello", "Be loud", script))]);
    using transcript = stack.use(watchAgent(curfew, town.id, "polecat-1"));
    const { entries } = await transcript.until("the block's end", ({ entries }) =>
      entries.some((entry) => entry.kind === "tool" && entry.status === "completed"),
    );
    const output = entries.flatMap((entry) => (entry.kind === "tool" ? [entry.output] : [])).join("");
    expect(output).toMatch(/^\[99\d{6} bytes before this are left out\]\n/);
    expect(output).toMatch(/\nthe end\n?$/);
    expect(output.length).toBeLessThan(17_000);
    await expectUseful(town, repository);
  });

  it("W5: that conflicts with another is made anew on the branch as it is then", async () => {
    using stack = new DisposableStack();
    const { town, repository } = await townWithRig(curfew, "Conflict", stack);
    const checkpoint = stack.use(makeCheckpoint());
    const write = (word: string) => `${checkpoint.script}\necho ${word} >> same.txt`;
    const ids = [
      await town.sling("hello", "Write one", write("one")),
      await town.sling("hello", "Write two", write("two")),
    ];
    await checkpoint.reached(2);
    checkpoint.open();
    const beads = await Promise.all(ids.map((id) => town.closed(id)));
    expectMergedOnce(repository, beads);
    expect(repository.read("same.txt")?.split("\n").toSorted()).toEqual(["one", "two"]);
    expect(beads.map(({ attempts }) => attempts).toSorted((a, b) => a - b)).toEqual([0, 1]);
    const told = town.room.state?.activity.map(({ text }) => text) ?? [];
    expect(told).toContainEqual(
      expect.stringMatching(/is tried again: .* conflicts with the rig's branch in same\.txt/),
    );
  });

  it.each([
    ["fails", "echo it is ugly; exit 3", "The gate `echo it is ugly; exit 3` failed with exit code 3.", 3],
    [
      "never ends",
      "echo it is slow; sleep 1000",
      "The gate `echo it is slow; sleep 1000` did not end within 5 s.",
      null,
    ],
  ])(
    "W5: whose gate %s is made anew three times, then says why, and the branch has none of it",
    async (_what, gate, reason, exitCode) => {
      using stack = new DisposableStack();
      const { town, repository } = await townWithRig(curfew, "Gate", stack, [
        `test -e fine.txt || { ${gate}; }`,
      ]);
      const head = repository.head();
      const id = await town.sling("hello", "Pass the gate", "echo made > made.txt");
      const bead = await town.failed(id);
      expect(bead).toMatchObject({ attempts: 3, mergeCommit: null });
      expect(bead.reason).toBe(reason.replace(gate, `test -e fine.txt || { ${gate}; }`));
      const { gates } = await town.call<{ gates: GateSummary[] }>("GET", `/beads/${id}/gates`);
      expect(gates.map((each) => each.exitCode)).toEqual([exitCode, exitCode, exitCode]);
      const last = await town.call<GateResult>("GET", `/beads/${id}/gates/${gates[0]?.id}`);
      expect(last.output).toMatch(/^it is \w+\n$/);
      expect(repository.head()).toBe(head);
      await expectUseful(town, repository);
    },
  );
});

describe.concurrent("a rig", () => {
  it.each<[string, (stack: DisposableStack) => Promise<string> | string, RegExp]>([
    ["where nobody answers", async () => `https://localhost:${await freePort()}/none.git`, /localhost/],
    ["that is no repository", (stack) => stack.use(temporaryFolder()).path, /git repository/],
    ["that does not exist", () => "file:///nonexistent/repository", /git repository/],
    [
      "that is empty",
      (stack) => {
        const repository = stack.use(makeRepository({ bare: true }));
        repository.git("update-ref", "-d", "refs/heads/main");
        return repository.path;
      },
      /no (branch|commit)|empty/,
    ],
  ])("%s fails its check with the reason, and takes no bead", async (_what, place, reason) => {
    using stack = new DisposableStack();
    const { town, repository } = await townWithRig(curfew, "Rigs", stack);
    const rig = await town.addRig({ name: "bad", gitUrl: await place(stack) });
    expect(rig.state).toBe("failed");
    expect(rig.reason).toMatch(reason);
    const order = { rig: "bad", title: "Something" };
    const { status, body } = await curfew.api<Problem>("POST", `/api/towns/${town.id}/beads`, order);
    expect([status, body.kind]).toEqual([409, "conflict"]);
    expect(body.detail).toContain(rig.reason);
    await expectUseful(town, repository);
  });

  it("without the branch fails its check; added again with one that is there, it is ready", async () => {
    using repository = makeRepository();
    using town = await foundTown(curfew, "Branch");
    const rig = await town.addRig({ name: "hello", gitUrl: repository.path, branch: "trunk" });
    expect(rig).toMatchObject({ state: "failed", reason: expect.stringMatching(/trunk/) });
    await town.call("POST", "/rigs", { name: "hello", gitUrl: repository.path, branch: "main" });
    await town.room.until("the second check", ({ rigs }) => rigs[0]?.state === "ready");
    await expectUseful(town, repository);
  });

  it("W5: whose branch is checked out with uncommitted work waits for its owner, and touches none of it", async () => {
    using stack = new DisposableStack();
    const { town, repository } = await townWithRig(curfew, "Dirty", stack);
    const readme = join(repository.path, "README.md");
    writeFileSync(readme, "# Not yet committed\n");
    const head = repository.head();
    const id = await town.sling("hello", "Write beside it", "echo new > new.txt");
    const held = await town.bead(id, "held", ({ held }) => held);
    expect(held).toMatchObject({ status: "in_review", attempts: 0 });
    expect(held.reason).toContain(repository.path);
    expect(repository.head()).toBe(head);
    expect(repository.git("status", "--porcelain")).toBe(" M README.md");
    expect(readFileSync(readme, "utf8")).toBe("# Not yet committed\n");

    repository.commit({}, "My own work");
    await town.call("POST", `/beads/${id}/retry`);
    expectMergedOnce(repository, [await town.closed(id)]);
    expect(readFileSync(readme, "utf8")).toBe("# Not yet committed\n");
    expect(readFileSync(join(repository.path, "new.txt"), "utf8")).toBe("new\n");
    expect(repository.git("status", "--porcelain")).toBe("");
    await expectUseful(town, repository);
  });
});

describe("a request that makes no sense", () => {
  it.each<[string, string, string, unknown, number]>([
    ["a bead for an unknown rig", "POST", "/beads", { rig: "nowhere", title: "Something" }, 404],
    ["a bead without a title", "POST", "/beads", { rig: "hello", title: " " }, 400],
    ["a bead of the wrong types", "POST", "/beads", { rig: 7, title: ["Something"] }, 400],
    ["a body of 2 MB", "POST", "/beads", { rig: "hello", title: "Big", body: "x".repeat(2_000_000) }, 413],
    ["a URL with a password", "POST", "/rigs", { name: "r", gitUrl: "https://me:secret@example.org/r" }, 400],
    ["an order that nobody knows", "PATCH", "", { sleepAfter: "soon" }, 400],
    ["an empty message", "POST", "/mayor/messages", { id: "m1", text: "" }, 400],
    ["a bead that is not there", "GET", "/beads/b99", undefined, 404],
  ])("is answered with what is wrong, and changes nothing: %s", async (_what, method, path, body, status) => {
    using town = await foundTown(curfew, "Requests");
    const before = await town.call("GET", "");
    const answer = await curfew.api<Problem>(method, `/api/towns/${town.id}${path}`, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(answer.body).toMatchObject({ status, detail: expect.stringMatching(/\w/) });
    expect(JSON.stringify(answer.body)).not.toMatch(/secret|\bat .*:\d+:\d+/);
    expect(await town.call("GET", "")).toEqual(before);
  });
});
