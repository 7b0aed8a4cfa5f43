import type { SessionUpdate } from "@agentclientprotocol/sdk";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Translator } from "../../container/agents/translator.ts";
import { takeEnvironment } from "../../container/control/environment.ts";
import { Admissions } from "../../container/runs/admission.ts";
import { prepareLaunch } from "../../container/runtimes/prepare-launch.ts";
import { chooseRig, parseCommand } from "../../container/runtimes/script/commands.ts";
import { pieces } from "../../container/runtimes/script/voice.ts";
import { scrub } from "../../container/text/scrub.ts";
import { head, headBytes, tail, tailBytes } from "../../container/text/clip.ts";
import { agentFolders } from "../../container/agents/folders.ts";
import { turnOrder } from "./support/orders.ts";

describe("Clipping a text", () => {
  const text = fc.string({ unit: "grapheme-composite" });

  test("leaves a short one as it is", () => {
    fc.assert(
      fc.property(text, (text) => {
        const clips = [head(text, text.length), tail(text, text.length)];
        const bytes = Buffer.byteLength(text);
        expect([...clips, headBytes(text, bytes), tailBytes(text, bytes)]).toEqual([text, text, text, text]);
      }),
    );
  });

  test("keeps one end within the limit, in whole characters, and says that something is missing", () => {
    fc.assert(
      fc.property(text, text, fc.integer({ min: 3, max: 20 }), (a, b, max) => {
        const long = `${a}${"-".repeat(max + 1)}${b}`;
        for (const clip of [head(long, max), headBytes(long, max)]) {
          expect([clip.at(-1), long.startsWith(clip.slice(0, -1)), clip.isWellFormed()]).toEqual([
            "…",
            true,
            true,
          ]);
        }
        for (const clip of [tail(long, max), tailBytes(long, max)]) {
          expect([clip[0], long.endsWith(clip.slice(1)), clip.isWellFormed()]).toEqual(["…", true, true]);
        }
        expect(Math.max(head(long, max).length, tail(long, max).length)).toBeLessThanOrEqual(max);
        const bytes = [headBytes(long, max), tailBytes(long, max)].map((clip) => Buffer.byteLength(clip));
        expect(Math.max(...bytes)).toBeLessThanOrEqual(max);
      }),
    );
  });
});

describe("Scrubbing", () => {
  test.each([
    ["the key hunter2 was wrong", "the key [hidden] was wrong"],
    ["authorization: Bearer abcdefghijkl", "authorization: Bearer [hidden]"],
    ["key sk-proj-abcdefgh1234", "key [hidden]"],
    ["https://me:word@example.org/x", "https://[hidden]@example.org/x"],
    ["ghp_abcdefghijkl", "[hidden]"],
    ["-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----", "[hidden]"],
    ["nothing to hide", "nothing to hide"],
  ])("makes of %j %j", (text, scrubbed) => {
    expect(scrub(text, ["hunter2", ""])).toBe(scrubbed);
  });
});

describe("The environment", () => {
  const variables = () => ({
    PORT: "8080",
    CURFEW_URL: "https://curfew.example",
    CURFEW_TOWN: "taaaaaaaaaaaaaaaaaaaa",
    CURFEW_LIFE: "2",
    CURFEW_LEASE: "60s",
    CURFEW_TOKEN: "token",
  });

  test("is read once, and its token taken out of it", () => {
    const given = variables();
    expect(takeEnvironment(given)).toEqual({
      port: 8080,
      host: "0.0.0.0",
      url: "https://curfew.example",
      town: "taaaaaaaaaaaaaaaaaaaa",
      life: 2,
      leaseMs: 60_000,
      token: "token",
      marker: null,
    });
    expect(given).not.toHaveProperty("CURFEW_TOKEN");
  });

  test("of the process engine opens the port to this machine only", () => {
    const { host, marker } = takeEnvironment({ ...variables(), CURFEW_CONTAINER: "c1" });
    expect([host, marker]).toEqual(["127.0.0.1", "c1"]);
  });

  test.each(["PORT", "CURFEW_URL", "CURFEW_TOWN", "CURFEW_LIFE", "CURFEW_LEASE", "CURFEW_TOKEN"])(
    "needs %s, and says so",
    (name) => {
      expect(() => takeEnvironment({ ...variables(), [name]: "" })).toThrow(name);
    },
  );
});

describe("An agent's updates", () => {
  const chunk = (text: string, messageId?: string): SessionUpdate => ({
    sessionUpdate: "agent_message_chunk",
    content: { type: "text", text },
    ...(messageId !== undefined && { messageId }),
  });

  test("become one entry for each message, and the last message is the summary", () => {
    const translator = new Translator("r1");
    const ids = [
      chunk("a"),
      chunk("b"),
      { sessionUpdate: "agent_thought_chunk", content: { type: "text", text: "hm" } } as const,
      chunk("c"),
      chunk("d", "m2"),
      chunk("e", "m2"),
    ].map((update) => translator.translate(update)?.id);
    expect(ids).toEqual(["r1/text-1", "r1/text-1", "r1/thought-2", "r1/text-3", "r1/text-4", "r1/text-4"]);
    expect(translator.said).toBe("de");
  });

  test("of a tool keep its title and status, and its texts are bounded", () => {
    const translator = new Translator("r1");
    const call = { toolCallId: "x".repeat(300), title: "bash" };
    expect(
      translator.translate({ sessionUpdate: "tool_call", ...call, rawInput: { command: "ls" } }),
    ).toEqual({
      type: "tool",
      id: "r1/tool-1",
      title: "bash",
      status: "pending",
      input: '{"command":"ls"}',
    });
    const output = "é".repeat(20_000);
    const update = translator.translate({
      sessionUpdate: "tool_call_update",
      toolCallId: call.toolCallId,
      status: "completed",
      content: [{ type: "content", content: { type: "text", text: output } }],
    });
    expect(update).toMatchObject({ id: "r1/tool-1", title: "bash", status: "completed" });
    expect(update).not.toHaveProperty("input");
    expect(Buffer.byteLength((update as { output: string }).output)).toBeLessThanOrEqual(16 * 1024);
  });

  test("that a transcript doesn't show are left out", () => {
    const translator = new Translator("r1");
    expect(
      translator.translate({ sessionUpdate: "available_commands_update", availableCommands: [] }),
    ).toBeNull();
    expect(translator.translate(chunk(""))).toBeNull();
  });
});

describe("Orders", () => {
  test("are taken once, and of those about the same thing only ever newer ones", () => {
    const admissions = new Admissions();
    const admit = (runId: string, fence: number, agent = "mayor") =>
      admissions.admit(turnOrder({ runId, fence, agent }));
    expect(admit("r5", 5)).toBe("new");
    expect(admit("r5", 5)).toBe("known");
    expect(admit("r4", 4)).toBe("stale");
    expect(admit("r3", 3, "polecat-1")).toBe("new");
    expect(admit("r6", 6)).toBe("new");
    expect(admit("r5", 5)).toBe("known");
  });
});

const ready = (names: readonly string[]) => names.map((name) => ({ name, state: "ready", reason: null }));

describe("A slash command", () => {
  test.each([
    ["/help", { command: "help" }],
    ["  /status  ", { command: "status" }],
    ["/sling app Do it\n\nin two\nlines", { command: "sling", words: "app Do it", body: "in two\nlines" }],
    ["/cancel b1", { command: "cancel", bead: "b1" }],
    ["/dance now", { command: "unknown", name: "dance" }],
    ["please /help", { command: "none" }],
    ["", { command: "none" }],
  ])("%j is read", (message, command) => {
    expect(parseCommand(message)).toEqual(command);
  });

  test.each([
    ["app Do it", ["app"], { ok: true, rig: "app", title: "Do it" }],
    ["Do it", ["app"], { ok: true, rig: "app", title: "Do it" }],
    ["b Do it", ["a", "b"], { ok: true, rig: "b", title: "Do it" }],
  ])("slings %j with the rigs %j", (words, rigs, target) => {
    expect(chooseRig(words, ready(rigs))).toEqual(target);
  });

  test.each([
    ["Do it", []],
    ["Do it", ["a", "b"]],
    ["a", ["a", "b"]],
    ["", ["a"]],
  ])("slings not %j with the rigs %j, and says why", (words, rigs) => {
    expect(chooseRig(words, ready(rigs))).toEqual({ ok: false, why: expect.any(String) });
  });

  test("is answered in pieces that are the whole", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(pieces(text).join("")).toBe(text);
      }),
    );
  });
});

describe("Any other agent", () => {
  const context = {
    role: "mayor" as const,
    token: "agent-token",
    url: "https://curfew.example/base",
    folders: agentFolders("/x", "mayor"),
    env: { PATH: "/bin" },
  };

  test("is given the model proxy and its own token in its environment, not on its command line", async () => {
    const launch = await prepareLaunch({ kind: "command", command: ["agent", "--acp"], model: "m" }, context);
    expect(launch).toEqual({
      command: "agent",
      args: ["--acp"],
      env: {
        PATH: "/bin",
        OPENAI_BASE_URL: "https://curfew.example/base/model/openai/v1",
        OPENAI_API_KEY: "agent-token",
        OPENAI_MODEL: "m",
      },
    });
  });

  test("has to be named", () => {
    expect(() => prepareLaunch({ kind: "command", command: [], model: null }, context)).toThrow(
      "empty command",
    );
  });
});
