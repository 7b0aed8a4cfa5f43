import * as v from "valibot";
import { BeadStatus, type BeadSummary, NewBead } from "../protocol/bead.ts";
import { named, PAGE_ENTRIES } from "../protocol/page.ts";
import { BeadId } from "../protocol/primitives.ts";
import type { Answer } from "../protocol/problem.ts";
import { RigState } from "../protocol/rig.ts";
import type { TownRpc } from "../rooms/town.ts";
import type { Arguments } from "./arguments-schema.ts";
import { answerWith, type Result, type ToolText } from "./tool.ts";

/** A tool for one town; who calls, and which town it is, is settled around it. */
export interface TownTool<Entries extends v.ObjectEntries> extends ToolText {
  readonly entries: Entries;
  readonly run: (town: TownRpc, args: Arguments<Entries>) => Promise<Answer<Result>>;
}

const bead = v.pipe(BeadId, v.description("The bead's id, such as b7."));

/** A bead in a list: enough to choose by. */
const inBrief = ({ id, rig, title, status, assignee, attempts, held, reason, mergeCommit }: BeadSummary) => ({
  id,
  rig,
  title,
  status,
  assignee,
  attempts,
  held,
  reason,
  mergeCommit,
});

/** A tool's argument for lists whose rows have a status. */
export const statusOf = <const Status extends v.GenericSchema<string>>(status: Status, description: string) =>
  v.optional(v.nullable(v.pipe(status, v.description(description))), null);

/** Calls `add` with each tool that the mayor and the owner have alike. */
export const eachTownTool = (add: <const E extends v.ObjectEntries>(tool: TownTool<E>) => void): void => {
  add({
    name: "town_status",
    effect: "reads",
    description:
      "The town: its container and why it is awake, counts of agents and beads, tokens used, settings.",
    entries: {},
    run: async (town) => answerWith(await town.describe(), (town) => ({ town })),
  });
  add({
    name: "list_rigs",
    effect: "reads",
    description:
      "The town's rigs (git repositories), each with its branch, gates and state. " +
      "One that is `failed` takes no beads; its reason says why. Newest first; `next` is the cursor of more.",
    entries: { ...PAGE_ENTRIES, status: statusOf(RigState, "Only rigs in this state.") },
    run: async (town, query) => answerWith(await town.rigs(query), (page) => named("rigs", page)),
  });
  add({
    name: "list_beads",
    effect: "reads",
    description:
      "The town's beads (tasks) in brief, each with its status and, if it is stuck, the reason. " +
      "Newest first; `next` is the cursor of more.",
    entries: { ...PAGE_ENTRIES, status: statusOf(BeadStatus, "Only beads with this status.") },
    run: async (town, query) =>
      answerWith(await town.beads(query), ({ items, next }) => ({ beads: items.map(inBrief), next })),
  });
  add({
    name: "show_bead",
    effect: "reads",
    description: "One bead in full: what was asked, its status and reason, branch and commits.",
    entries: { bead },
    run: async (town, args) => answerWith(await town.bead(args.bead), (bead) => ({ bead })),
  });
  add({
    name: "cancel_bead",
    effect: "ends",
    description: "Ends a bead for good, also while it is worked on. What is merged stays merged.",
    entries: { bead },
    run: async (town, args) => answerWith(await town.cancelBead(args.bead), (bead) => ({ bead })),
  });
  add({
    name: "retry_bead",
    effect: "adds",
    description: "Tries a failed or held bead again.",
    entries: { bead },
    run: async (town, args) => answerWith(await town.retryBead(args.bead), (bead) => ({ bead })),
  });
};

/** `sling`, whose idempotency key differs by who calls. */
export const SLING = {
  name: "sling",
  effect: "adds",
  description:
    "Makes a bead (task) on a rig. A polecat does it in a checkout of its own and commits; " +
    "the commit is merged into the rig's branch once the rig's gates pass. Answers at once with the bead.",
} as const satisfies ToolText;

export const SLING_ENTRIES = {
  rig: v.pipe(NewBead.entries.rig, v.description("The name of a rig that is not `failed`.")),
  title: v.pipe(NewBead.entries.title, v.description("One line.")),
  body: v.pipe(
    NewBead.entries.body,
    v.description("What is to be done, for somebody who knows only the repository and this text."),
  ),
};
