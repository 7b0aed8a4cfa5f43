import { BeadAnswer, BeadsAnswer, RigsAnswer, StatusAnswer } from "./answers.ts";
import { type Command, chooseRig, parseCommand } from "./commands.ts";
import { CANCELLED, DONE, type Role } from "./role.ts";
import { type Call, shownCall } from "./shown-call.ts";
import { ToolRefusal } from "./town-tools.ts";

const HELP = `These are my commands:

- \`/sling [rig] title\`, and on the lines below what is to be done: makes a bead. A polecat runs its fenced \`sh\` blocks (with \`sh -e\`) in a checkout and commits what they changed; where nothing has to be changed, a block prints a line \`# curfew: no change needed <why>\`. The rig may be left out when only one can be used.
- \`/beads [status]\` lists the newest beads, \`/cancel <bead>\` ends one.
- \`/rigs\` lists the repositories.
- \`/status\` says how the town is.
- \`/help\` says this.`;

const NO_MODEL = `I am the script runtime: I need no model, but I only understand commands. Set a model for this town to talk freely.\n\n${HELP}`;

const list = (lines: readonly string[], none: string): string =>
  lines.length === 0 ? none : lines.map((line) => `- ${line}`).join("\n");

const status = async (call: Call): Promise<string> => {
  const { town } = await call("town_status", {}, StatusAnswer);
  const { container, agents, beads, usage } = town;
  const unfinished = beads.open + beads.in_progress + beads.in_review;
  return [
    `**${town.name}**: the container is ${container.state}. ${container.why}`,
    `- Agents: ${agents.working} working, ${agents.waiting} waiting, ${agents.total} in all`,
    `- Beads: ${unfinished} open, ${beads.closed} closed, ${beads.failed} failed`,
    `- Model calls: ${usage.calls} (${usage.inputTokens + usage.outputTokens} tokens)`,
  ].join("\n");
};

/** As many as a page of a list holds. */
const MOST = { limit: 200 };

const rigs = async (call: Call): Promise<string> => {
  const answer = await call("list_rigs", MOST, RigsAnswer);
  const lines = answer.rigs.map(({ name, branch, state, reason }) =>
    [`**${name}**`, branch && `branch \`${branch}\``, state, reason].filter(Boolean).join(" · "),
  );
  return list(lines, "This town has no rig yet: add a repository first.");
};

const beads = async (status: string, call: Call): Promise<string> => {
  const answer = await call("list_beads", status === "" ? {} : { status }, BeadsAnswer);
  const lines = answer.beads.map(({ id, rig, title, status, reason }) =>
    [`**${id}** ${title}`, rig, status, reason].filter(Boolean).join(" · "),
  );
  if (answer.next !== null) lines.push("…and older ones: the board has them all.");
  return list(lines, status === "" ? "There are no beads yet." : `There are no beads that are ${status}.`);
};

const sling = async ({ words, body }: Command & { command: "sling" }, call: Call): Promise<string> => {
  const known = await call("list_rigs", MOST, RigsAnswer);
  const target = chooseRig(words, known.rigs);
  if (!target.ok) return target.why;
  const { bead } = await call("sling", { rig: target.rig, title: target.title, body }, BeadAnswer);
  return `Slung **${bead.id}** to \`${bead.rig}\`: ${bead.title}`;
};

const cancel = async (bead: string, call: Call): Promise<string> => {
  if (bead === "") return "Say which bead: `/cancel b1`.";
  const answer = await call("cancel_bead", { bead }, BeadAnswer);
  return `**${answer.bead.id}** is ${answer.bead.status}.`;
};

const obey = async (command: Command, call: Call): Promise<string> => {
  switch (command.command) {
    case "help":
      return HELP;
    case "none":
      return NO_MODEL;
    case "unknown":
      return `I don't know \`/${command.name}\`. ${HELP}`;
    case "status":
      return status(call);
    case "rigs":
      return rigs(call);
    case "beads":
      return beads(command.status, call);
    case "sling":
      return sling(command, call);
    case "cancel":
      return cancel(command.bead, call);
  }
};

/** A mayor without a model: obeys slash commands. */
export const mayor: Role = async (turn) => {
  try {
    await turn.voice.say(await obey(parseCommand(turn.prompt), shownCall(turn)));
  } catch (error) {
    if (turn.signal.aborted) return CANCELLED;
    if (!(error instanceof ToolRefusal)) throw error;
    await turn.voice.say(error.message);
  }
  return DONE;
};
