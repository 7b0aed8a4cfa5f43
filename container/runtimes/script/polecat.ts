import * as v from "valibot";
import { head } from "../../text/clip.ts";
import { shellBlocks } from "./blocks.ts";
import { watchChanges } from "./changes.ts";
import { NoChangeLine } from "./no-change-line.ts";
import { CANCELLED, DONE, failed, type Role, type Turn } from "./role.ts";
import { type BlockEnd, runBlock } from "./shell.ts";
import { shownCall } from "./shown-call.ts";
import { ShownOutput } from "./shown-output.ts";
import { ToolRefusal } from "./town-tools.ts";

const SHOW_EVERY_MS = 200;
const MAX_TITLE = 80;
const MAX_LAST_LINE = 300;

const NOTHING_TO_RUN =
  "I am the script runtime: I have no model, and only run the fenced `sh` blocks of a bead. This one has none.";

const HOW_TO_SAY_NO_CHANGE =
  "If nothing has to be changed, let a block print a line that says so and why: # curfew: no change needed <why>";

/** How blocks run, for as long as the agent lives. */
export interface ShellSettings {
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
}

interface Block {
  readonly script: string;
  /** `Block 2 of 3`. */
  readonly name: string;
}

const titleOf = ({ script, name }: Block): string => {
  const first = script.split("\n").find((line) => /^\s*[^\s#]/.test(line)) ?? "";
  return `${name}: ${head(first.trim(), MAX_TITLE)}`;
};

const isGood = (end: BlockEnd): boolean => end.end === "exited" && end.code === 0;

const inWords = (end: BlockEnd, limitMs: number): string => {
  switch (end.end) {
    case "exited":
      return `exit code ${end.code}`;
    case "killed":
      return "killed by a signal";
    case "too-long":
      return `ended after ${limitMs / 1000} s, its time limit`;
    case "cancelled":
      return "cancelled";
  }
};

/** Runs one block as one tool call, whose output is shown while it runs. */
const run = async (block: Block, turn: Turn, settings: ShellSettings, noChange: NoChangeLine) => {
  const { voice, cwd, signal } = turn;
  const output = new ShownOutput();
  const show = (status: "in_progress" | "completed" | "failed"): Promise<void> =>
    voice.tool({
      toolCallId: block.name,
      title: titleOf(block),
      rawInput: block.script,
      status,
      content: [{ type: "content", content: { type: "text", text: output.text } }],
    });

  await show("in_progress");
  let shownBytes = 0;
  const showing = setInterval(() => {
    if (shownBytes === output.bytes) return;
    shownBytes = output.bytes;
    void show("in_progress");
  }, SHOW_EVERY_MS);
  try {
    const add = (chunk: Buffer): void => {
      output.add(chunk);
      noChange.add(chunk);
    };
    const end = await runBlock(block.script, { ...settings, cwd, signal, output: add });
    noChange.end();
    clearInterval(showing);
    await show(isGood(end) ? "completed" : "failed");
    return { end, lastLine: head(output.lastLine, MAX_LAST_LINE) };
  } finally {
    clearInterval(showing);
  }
};

/** Tells the town that no change is needed, by its tool. */
const declareNoChange = async (turn: Turn, reason: string) => {
  try {
    await shownCall(turn)("no_change_needed", { reason }, v.unknown());
    await turn.voice.say(`No change is needed: ${reason}`);
    return DONE;
  } catch (error) {
    if (turn.signal.aborted) return CANCELLED;
    if (!(error instanceof ToolRefusal)) throw error;
    await turn.voice.say(error.message);
    return failed(error.message, true);
  }
};

/** A worker without a model: runs the `sh` blocks of its bead, one after the other, in the checkout. */
export const polecat =
  (settings: ShellSettings): Role =>
  async (turn) => {
    const giveUp = async (reason: string, again: boolean) => {
      await turn.voice.say(reason);
      return failed(reason, again);
    };
    const scripts = shellBlocks(turn.prompt);
    if (scripts.length === 0) return giveUp(NOTHING_TO_RUN, false);
    const changes = watchChanges(turn.cwd, settings.env);
    const noChange = new NoChangeLine();
    for (const [i, script] of scripts.entries()) {
      const block: Block = { script, name: `Block ${i + 1} of ${scripts.length}` };
      const { end, lastLine } = await run(block, turn, settings, noChange);
      if (end.end === "cancelled") return CANCELLED;
      if (isGood(end)) continue;
      const how = `${block.name} failed (${inWords(end, settings.limitMs)})`;
      return giveUp(lastLine === "" ? `${how}.` : `${how}: ${lastLine}`, true);
    }
    if (noChange.reason !== null && noChange.reason !== "") return declareNoChange(turn, noChange.reason);
    const ran = scripts.length === 1 ? "The block ran" : `All ${scripts.length} blocks ran`;
    // The same blocks in the same files would change nothing again.
    if (await changes.none()) return giveUp(`${ran} and changed nothing. ${HOW_TO_SAY_NO_CHANGE}`, false);
    await turn.voice.say(`${ran}.`);
    return DONE;
  };
