import * as v from "valibot";
import { BeadStatus, type Bead, NewBead } from "../protocol/bead.ts";
import { BeadId } from "../protocol/primitives.ts";
import type { Answer } from "../protocol/problem.ts";
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
const inBrief = ({ id, rig, title, status, assignee, attempts, held, reason, mergeCommit }: Bead) => ({
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
      "One that is `failed` takes no beads; its reason says why.",
    entries: {},
    run: async (town) => answerWith(await town.rigs(), (rigs) => ({ rigs })),
  });
  add({
    name: "list_beads",
    effect: "reads",
    description: "The town's beads (tasks) in brief, each with its status and, if it is stuck, the reason.",
    entries: { status: v.optional(v.pipe(BeadStatus, v.description("Only beads with this status."))) },
    run: async (town, { status }) =>
      answerWith(await town.beads(), (beads) => ({
        beads: beads.filter((bead) => status === undefined || bead.status === status).map(inBrief),
      })),
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
