import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { AgentEvent } from "../../src/protocol/container/agent-up.ts";
import { TownEvent } from "../../src/protocol/container/town-up.ts";
import { plainLine, plainText } from "../../src/protocol/text.ts";

/** Pieces that programs write for terminals, and that strangers write to deceive. */
const piece = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "\x1b[31m",
    "\x1b[?25l",
    "\x1b[2K\r",
    "\x9b1;2H",
    "\x1b]0;a title\x07",
    "\x1b]8;;https://example.org\x1b\\",
    "\x1b]never ended",
    "\x1bP1$r\x1b\\",
    "\x1b(B",
    "\x1b",
    "\x00",
    "\b",
    "\x7f",
    "\x85",
    "\r",
    "\r\n",
    "\n",
    "\t",
    "\u2028",
    "\u202e",
    "\u2066",
    "\u200f",
    "\ud800",
    "\udc00",
  ),
);
const wild = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Whether there is nothing unseen in it but, where `breaks` may stand, line feeds and tabs. */
const isPlain = (text: string, breaks = false): boolean =>
  text.isWellFormed() && !UNSEEN.test(breaks ? text.replaceAll(/[\n\t]/g, "") : text);

describe("A text of a program", () => {
  test("is plain, and stays as it is when it is made plain again", () => {
    fc.assert(
      fc.property(wild, (text) => {
        expect(isPlain(plainText(text), true)).toBe(true);
        expect(isPlain(plainLine(text))).toBe(true);
        expect(plainText(plainText(text))).toBe(plainText(text));
        expect(plainLine(plainLine(text))).toBe(plainLine(text));
        expect(plainLine(text)).toBe(plainLine(text).trim());
      }),
      { numRuns: 2000 },
    );
  });

  test("that is plain keeps every character of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        fc.pre(isPlain(text, true));
        expect(plainText(text)).toBe(text);
      }),
    );
  });

  test.each([
    ["\x1b[31mbad\x1b[0m\r\nthing", "bad\nthing"],
    ["10 %\r20 %\rdone\n", "10 %\n20 %\ndone\n"],
    ["\x1b]0;vi COMMIT_EDITMSG\x07\x1b[?1049h~\x1b[24;1H-- INSERT --", "~-- INSERT --"],
    ["\x1b]8;;https://example.org\x1b\\a link\x1b]8;;\x1b\\", "a link"],
    ["\x1b]open\nthe next line", "\nthe next line"],
    ["user\u202etxt.exe", "usertxt.exe"],
    ["a\0b\bc\x7f", "abc"],
    ["a\tb", "a\tb"],
    ["Grüße, 👩‍👩‍👧, שלום", "Grüße, 👩‍👩‍👧, שלום"],
  ])("%j reads %j", (text, plain) => {
    expect(plainText(text)).toBe(plain);
  });
});

/** Every string of a value, by its place. */
const strings = (value: unknown, at = ""): [string, string][] => {
  if (typeof value === "string") return [[at, value]];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => strings(inner, at === "" ? key : `${at}.${key}`));
};

const ofRun = { runId: "r1", fence: 1 };
const commit = "c".repeat(40);
const diff = { truncated: false, files: 1, insertions: 1, deletions: 0 };

/** Each word of the container that holds texts of programs, with `text` wherever one may stand. */
const townEvents = (text: string): object[] => [
  { type: "checked", ...ofRun, rig: "app", result: { outcome: "failed", reason: text } },
  {
    type: "checked",
    ...ofRun,
    rig: "app",
    result: { outcome: "ready", branch: "main", head: commit, lacks: text },
  },
  ...[
    { outcome: "failed", reason: text, again: true },
    { outcome: "no-commit", summary: text },
    { outcome: "done", commit, base: commit, diff: { ...diff, text: "" }, summary: text },
  ].map((result) => ({ type: "turned", ...ofRun, agent: "mayor", result })),
  ...["conflict", "gate-failed", "held"].map((outcome) => ({
    type: "merged",
    ...ofRun,
    result: { outcome, reason: text },
  })),
  { type: "merged", ...ofRun, result: { outcome: "failed", reason: text, again: true } },
  { type: "gate", ...ofRun, result: { command: text, exitCode: 1, output: text, durationMs: 1 } },
  { type: "process", agent: "mayor", process: "p1", state: "down", reason: text },
];

const agentEvents = (text: string): object[] => [
  { type: "text", id: "1", append: text },
  { type: "thought", id: "1", append: text },
  { type: "tool", id: "1", title: text, status: "pending", input: text, output: text },
  { type: "plan", id: "1", items: [{ text, status: text }] },
  { type: "notice", id: "1", level: "info", text },
];

describe("Whoever speaks for a container (W12)", () => {
  test("can't bring anything but plain texts into a room", () => {
    fc.assert(
      fc.property(wild, (text) => {
        const heard = [
          ...townEvents(text).map((event) => v.parse(TownEvent, event)),
          ...agentEvents(text).map((event) => v.parse(AgentEvent, event)),
        ];
        const odd = heard.flatMap((event) => strings(event)).filter(([, found]) => !isPlain(found, true));
        expect(odd).toEqual([]);
        const titles = heard.flatMap((event) => strings(event)).filter(([at]) => /(reason|title)$/.test(at));
        expect(titles.filter(([, found]) => !isPlain(found))).toEqual([]);
      }),
    );
  });
});
