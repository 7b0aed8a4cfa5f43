import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PromptResponse } from "@agentclientprotocol/sdk";
import { describe, expect, test } from "vitest";
import type { Update } from "../../container/agents/acp-session.ts";
import { AgentFailure } from "../../container/agents/failure.ts";
import { agentFolders } from "../../container/agents/folders.ts";
import { GitFault } from "../../container/git/fault.ts";
import { type Ending, RunEnded } from "../../container/runs/ending.ts";
import { carryOutTurn, type TurnPorts } from "../../container/runs/turn.ts";
import { turnOrder, workOrder } from "./support/orders.ts";
import { scratch } from "./support/scratch.ts";

const rig = { name: "app", gitUrl: "/app.git", branch: "main", credential: null };
const diff = { text: "", truncated: false, files: 1, insertions: 1, deletions: 0 };
const done = { outcome: "done", commit: "c".repeat(40), base: "b".repeat(40), diff } as const;

/** One turn whose agent does what the test says; `log` is the order of things. */
const turn = async (
  agent: (update: Update, signal: AbortSignal) => Promise<PromptResponse["stopReason"]>,
) => {
  const log: string[] = [];
  const folders = agentFolders(await scratch(), "polecat-1");
  const controller = new AbortController();
  const ports: TurnPorts = {
    folders,
    log: (line) => log.push(line),
    link: { tell: (_run, { type }) => log.push(`told ${type}`) },
    send: ({ type }) => log.push(`sent ${type}`),
    agents: {
      turn: async (_order, update, signal) => ({ stopReason: await agent(update, signal) }),
      end: async () => void log.push("agent ended"),
    },
    git: {
      check: () => Promise.reject(new Error("not here")),
      merge: () => Promise.reject(new Error("not here")),
      checkout: async ({ branch, directory }) => {
        await mkdir(directory, { recursive: true });
        return { directory, branch, base: done.base, target: "main" };
      },
      deliver: async (_checkout, _order, signal) => {
        signal.throwIfAborted();
        log.push("delivered");
        return done;
      },
      save: async () => {
        log.push("saved");
        return { branch: "curfew/oz/b1-wip", commit: done.commit };
      },
    },
  };
  return {
    log,
    folders,
    git: ports.git,
    end: (ending: Ending) => controller.abort(new RunEnded(ending)),
    talk: () => carryOutTurn(turnOrder({ maxMs: 5000 }), ports, controller.signal),
    work: () => carryOutTurn(workOrder(rig, "", { maxMs: 5000 }), ports, controller.signal),
  };
};

const say = (update: Update, text: string): void =>
  update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } });

describe("A turn", () => {
  test("of a polecat is delivered when its process has ended, with what it said last", async () => {
    const { work, log, folders } = await turn(async (update) => {
      say(update, "  Done as asked. ");
      return "end_turn";
    });
    expect(await work()).toEqual({ ...done, summary: "Done as asked." });
    expect(log.slice(0, 3)).toEqual(["told text", "agent ended", "delivered"]);
    await expect(readdir(folders.all)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("that was ended is what ended it, even if its agent says that it has finished", async () => {
    const endings: [Ending, object][] = [
      ["cancelled", { outcome: "cancelled" }],
      ["deadline", { outcome: "failed", reason: expect.stringContaining("5 s"), again: true }],
      ["superseded", { outcome: "failed", again: true }],
    ];
    for (const [ending, result] of endings) {
      const { end, talk, work, log } = await turn(async () => {
        end(ending);
        return "end_turn";
      });
      expect([await talk(), await work()]).toMatchObject([result, result]);
      expect(log).not.toContain("delivered");
      expect(log).not.toContain("saved");
    }
  });

  test("of a mayor is a talk, in a folder that is no part of any repository around it", async () => {
    const { talk, folders, log } = await turn(async () => "end_turn");
    expect(await talk()).toEqual({ outcome: "talked" });
    expect(await readdir(folders.work)).toEqual([".git"]);
    expect(log).toEqual([]);
  });

  test("is saved when the container stops, once its agent has ended", async () => {
    const { end, work, log } = await turn(async () => {
      end("stopping");
      throw new AgentFailure("The agent's process ended.", true);
    });
    expect(await work()).toBeNull();
    expect(log).toEqual(["agent ended", "saved", "sent saved"]);
  });

  test("ends with the container even if its work can't be saved", async () => {
    const { end, work, log, git, folders } = await turn(async () => {
      end("stopping");
      return "cancelled";
    });
    git.save = () => Promise.reject(new GitFault("unreachable", "The host was not found."));
    expect(await work()).toBeNull();
    expect(log).toContain("polecat-1: the work on b1 could not be saved: The host was not found.");
    await expect(readdir(folders.all)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("that the container's stop cuts off has no result, whatever was made of it", async () => {
    const answers: (() => PromptResponse["stopReason"])[] = [
      () => "end_turn",
      () => "cancelled",
      () => "refusal",
      () => {
        throw new AgentFailure(
          "The agent's process ended in the middle of its turn (killed by SIGTERM).",
          true,
        );
      },
      () => {
        throw new GitFault("failed", "git push failed: it said nothing");
      },
    ];
    for (const answer of answers) {
      const { end, talk, work } = await turn(async () => {
        end("stopping");
        return answer();
      });
      expect([await talk(), await work()]).toEqual([null, null]);
    }
  });

  test("that was delivered before the stop keeps its result", async () => {
    const { end, work, git } = await turn(async () => "end_turn");
    git.deliver = async () => {
      end("stopping");
      return done;
    };
    expect(await work()).toEqual({ ...done, summary: "" });
  });

  test("leaves no folder behind, not even one that its agent made read-only", async () => {
    const { work, folders } = await turn(async () => {
      const cache = join(folders.work, "cache");
      await mkdir(cache);
      await writeFile(join(cache, "file"), "");
      await chmod(cache, 0o500);
      return "end_turn";
    });
    await work();
    await expect(readdir(folders.all)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("tells of a failure whether to try again", async () => {
    const failures: [unknown, object][] = [
      [new AgentFailure("no login", false), { outcome: "failed", reason: "no login", again: false }],
      [new GitFault("denied", "denied"), { outcome: "failed", reason: "denied", again: false }],
      [new GitFault("unreachable", "away"), { outcome: "failed", reason: "away", again: true }],
      [new Error("odd"), { outcome: "failed", reason: "odd", again: true }],
    ];
    for (const [error, result] of failures) {
      const { work } = await turn(() => Promise.reject(error));
      expect(await work()).toEqual(result);
    }
  });
});
