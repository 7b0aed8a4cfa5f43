import * as v from "valibot";

/** What the town's tools answer, as far as the script mayor reads it. */

const Bead = v.object({ id: v.string(), rig: v.string(), title: v.string(), status: v.string() });

export const RigsAnswer = v.object({
  rigs: v.array(
    v.object({
      name: v.string(),
      branch: v.nullable(v.string()),
      state: v.string(),
      reason: v.nullable(v.string()),
    }),
  ),
});

export const BeadsAnswer = v.object({
  /** There are older ones. */
  next: v.nullable(v.string()),
  beads: v.array(v.object({ ...Bead.entries, reason: v.nullable(v.string()) })),
});

export const BeadAnswer = v.object({ bead: Bead });

export const StatusAnswer = v.object({
  town: v.object({
    name: v.string(),
    container: v.object({ state: v.string(), why: v.string() }),
    agents: v.object({ working: v.number(), waiting: v.number(), total: v.number() }),
    beads: v.object({
      open: v.number(),
      in_progress: v.number(),
      in_review: v.number(),
      closed: v.number(),
      failed: v.number(),
    }),
    usage: v.object({ calls: v.number(), inputTokens: v.number(), outputTokens: v.number() }),
  }),
});
