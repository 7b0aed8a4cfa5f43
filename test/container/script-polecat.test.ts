import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { NOTHING_ASKS } from "../../processes/environment.ts";
import { shellBlocks } from "../../container/runtimes/script/blocks.ts";
import { judge } from "../../container/agents/verdict.ts";
import { RunEnded } from "../../container/runs/ending.ts";
import { block, turnOrder } from "./support/orders.ts";
import { isRunning } from "./support/processes.ts";
import { scratch } from "./support/scratch.ts";
import { serveHere } from "./support/serve.ts";
import { started, Transcript } from "./support/started.ts";
import { ToolTown } from "./support/town-tools.ts";
import { until } from "./support/until.ts";

const AUTHOR = {
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.org",
};

/** A script polecat in an empty folder, and what comes of a bead. */
const polecat = async (variables: Record<string, string> = {}) => {
  const folder = await scratch();
  const order = turnOrder({ agent: "polecat-1", role: "polecat" });
  const town = new ToolTown();
  const url = await serveHere(town.handler("agent-token", "polecat"));
  const agent = await started(order, { folder, url, variables });
  const work = join(folder, "agents", "polecat-1", "work");
  const transcript = new Transcript();
  const signal = new AbortController();
  const run = async (body: string) => {
    const response = await agent.prompt([{ type: "text", text: body }], transcript.add, signal.signal);
    return judge(response, transcript.texts.at(-1) ?? "");
  };
  return { agent, town, run, work, transcript, cancel: () => signal.abort(new RunEnded("cancelled")) };
};

describe("The script polecat", () => {
  test("runs the sh blocks of its bead in order, in its working folder", async () => {
    const { run, work, transcript } = await polecat();
    const body = `Do this:\n\n${block("echo one > a\nmkdir b")}\n\nand\n\n${block("cat a && echo two > b/c")}`;
    expect(await run(body)).toEqual({ verdict: "finished" });
    expect(await readFile(join(work, "b", "c"), "utf8")).toBe("two\n");
    expect(transcript.tools).toMatchObject([
      { title: "Block 1 of 2: echo one > a", status: "completed", input: "echo one > a\nmkdir b" },
      { title: "Block 2 of 2: cat a && echo two > b/c", status: "completed", output: "one\n" },
    ]);
    expect(transcript.texts).toEqual(["All 2 blocks ran."]);
  });

  test("stops at the first command that fails, and says which block and why", async () => {
    const { run, transcript } = await polecat();
    const body = `${block("echo fine")}\n${block("echo oops >&2\nfalse\necho never")}\n${block("echo no")}`;
    expect(await run(body)).toEqual({
      verdict: "failed",
      reason: "Block 2 of 3 failed (exit code 1): oops",
      again: true,
    });
    expect(transcript.tools.map(({ status, output }) => [status, output])).toEqual([
      ["completed", "fine\n"],
      ["failed", "oops\n"],
    ]);
  });

  test("says that a bead without blocks is nothing it can do, and not to try again", async () => {
    const { run, transcript } = await polecat();
    expect(await run("Make it nicer.\n\n```js\nfoo()\n```")).toMatchObject({
      verdict: "failed",
      again: false,
    });
    expect(transcript.texts.join("")).toContain("This one has none");
  });

  test("says that no change is needed where a block prints the line for it, with its reason", async () => {
    const { run, town, transcript } = await polecat();
    const script =
      'echo looking\nprintf "# curfew: no change "\nsleep 0.1\nprintf "needed: it is so  already"';
    expect(await run(`${block(script)}\n${block("yes | head -n 100000")}`)).toEqual({ verdict: "finished" });
    expect(town.noChange).toEqual(["it is so  already"]);
    expect(transcript.texts.at(-1)).toBe("No change is needed: it is so  already");
  });

  test.for([
    ["git init -q . && git add -A && git commit -q --allow-empty -m first", "true"],
    [
      `git init -q . && printf 'out/\\n' > .gitignore && git add -A && git commit -q -m a`,
      "mkdir out; date > out/log",
    ],
    ["git init -q . && touch a && git add a && git commit -q -m a", "echo x > a; git checkout -q a"],
    ["git init -q . && touch a && git add a && git commit -q -m a", "echo '# curfew: no change needed'"],
  ] as const)(
    "is told how to say so where %j and then %j changes nothing, and isn't tried again",
    async ([before, script]) => {
      const { run, work, town } = await polecat();
      execFileSync("sh", ["-ec", before], { cwd: work, env: { ...process.env, ...AUTHOR } });
      const verdict = await run(block(script));
      expect(verdict).toMatchObject({ verdict: "failed", again: false });
      const { reason = "" } = verdict as { reason?: string };
      expect(reason).toContain("changed nothing");
      expect(reason).toContain("# curfew: no change needed <why>");
      expect(town.noChange).toEqual([]);
    },
  );

  test.for(["echo x > new", "rm a", "git commit -q --allow-empty -m more", "rm -rf .git"])(
    "leaves it to the delivery to judge what %j has changed",
    async (script) => {
      const { run, work } = await polecat();
      const first = "git init -q . && touch a && git add a && git commit -q -m a";
      execFileSync("sh", ["-ec", first], { cwd: work, env: { ...process.env, ...AUTHOR } });
      const who = "git config user.name A; git config user.email a@example.org";
      expect(await run(block(`${who}\n${script}`))).toEqual({ verdict: "finished" });
    },
  );

  test.for([
    [
      "git init -q . && git -c user.name=A -c user.email=a@b commit --allow-empty",
      "Aborting commit due to empty commit message",
    ],
    ['echo "$EDITOR $VISUAL $PAGER $TERM"; exit 1', "true true cat dumb"],
    ['git -c credential.helper= ls-remote "$QUESTIONS/a.git"', "terminal prompts disabled"],
    ["read answer; echo read $?", "exit code 1"],
    ["(: < /dev/tty) 2>&1 | grep -q tty; exit 1", "exit code 1"],
  ] as const)("is asked nothing (W12): %j ends at once, with %j", async ([script, reason]) => {
    const ask = () => new Response(null, { status: 401, headers: { "www-authenticate": "Basic" } });
    const { run } = await polecat();
    const questions = await serveHere(ask);
    expect(await run(block(script.replace("$QUESTIONS", questions)))).toMatchObject({
      verdict: "failed",
      reason: expect.stringContaining(reason),
    });
  });

  test("says why a block failed in plain words, whatever the block does to a terminal", async () => {
    const { run, transcript } = await polecat();
    const script = "printf '\\033]0;title\\007\\033[2J\\033[31mbad\\033[0m \\342\\200\\256thing\\r'; exit 3";
    expect(await run(block(script))).toMatchObject({
      reason: "Block 1 of 1 failed (exit code 3): bad thing",
    });
    expect(transcript.tools).toMatchObject([{ output: "bad thing\n" }]);
  });

  test("keeps the end of 100 MB of output, and is none the worse for it", async () => {
    const { run, transcript } = await polecat();
    expect(await run(block("yes | head -c 100000000; echo the end"))).toEqual({ verdict: "finished" });
    const [tool] = transcript.tools;
    expect(Buffer.byteLength(tool?.output ?? "")).toBeLessThanOrEqual(16 * 1024);
    expect(tool?.output).toMatch(/^\[\d+ bytes before this are left out\]\n(y\n)+the end\n$/);
  });

  test("ends a block that never ends, and what it started, after its time limit", async () => {
    const { run, work } = await polecat({ CURFEW_BLOCK_LIMIT: "300ms" });
    const verdict = await run(block("sleep 1000 & echo $! > pid\nwait"));
    expect(verdict).toMatchObject({ verdict: "failed", reason: expect.stringContaining("its time limit") });
    const pid = Number(readFileSync(join(work, "pid"), "utf8"));
    await until(() => !isRunning(pid));
  });

  test("ends a block, and what it started, when the turn is cancelled, and can work on", async () => {
    const { run, work, cancel } = await polecat();
    const ended = run(block("sleep 1000 & echo $! > tmp\nmv tmp pid\nwait"));
    const pid = await until(() => {
      try {
        return Number(readFileSync(join(work, "pid"), "utf8"));
      } catch {
        return null;
      }
    });
    cancel();
    expect(await ended).toEqual({ verdict: "cancelled" });
    await until(() => !isRunning(pid));
  });

  test("gives blocks an environment without anything private", async () => {
    const { run, transcript } = await polecat({ SECRET_KEY: "hunter2", LANG: "C.UTF-8" });
    await run(block("env"));
    const names = transcript.tools[0]?.output?.match(/^\w+(?==)/gm)?.toSorted();
    const own = [
      "CURFEW_COMMAND",
      "CURFEW_PROCESS",
      "HOME",
      "LANG",
      "PATH",
      "PWD",
      "TMPDIR",
      "XDG_CACHE_HOME",
      "XDG_CONFIG_HOME",
      "XDG_DATA_HOME",
      "XDG_STATE_HOME",
    ];
    expect(names).toEqual([...Object.keys(NOTHING_ASKS), ...own].toSorted());
  });

  test("can't be held up by a background process that keeps the output open", async () => {
    const { run, agent, work } = await polecat();
    expect(await run(block("setsid sleep 1000 & echo $! > pid"))).toEqual({ verdict: "finished" });
    const pid = Number(readFileSync(join(work, "pid"), "utf8"));
    await agent.end();
    await until(() => !isRunning(pid));
  });
});

describe("The sh blocks of a Markdown text", () => {
  test("are those whose language is sh, whatever the fence", () => {
    const text = [
      "```sh",
      "a",
      "```",
      "~~~~ sh",
      "b",
      "```",
      "~~~",
      "~~~~",
      "```bash",
      "c",
      "```",
      " ```sh title=x",
      "d",
      "```",
    ];
    expect(shellBlocks(text.join("\n"))).toEqual(["a", "b\n```\n~~~", "d"]);
  });

  test("go on to the end where they aren't closed, and empty ones are none", () => {
    expect(shellBlocks("```sh\n\n```\n```sh\r\na\r\nb")).toEqual(["a\nb"]);
  });
});
