import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TownFrame } from "../../src/protocol/browser/town-frame.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import { GAP } from "../../client/state/merge.ts";
import { countNeedsYou, needsYou } from "../../client/state/needs-you.ts";
import { ACTIVITY_KEPT, reduceTown, type TownView } from "../../client/state/reduce-town.ts";
import { bead, line, rig, town } from "./town-world.ts";

type Lists = Omit<TownFrame & { type: "snapshot" }, "type" | "version" | "seq" | "since" | "town">;
const NOTHING: Lists = { rigs: [], beads: [], agents: [], activity: [] };

const snapshot = (seq: number, since: number | null, lists: Partial<Lists> = {}): TownFrame => ({
  type: "snapshot",
  version: PROTOCOL_VERSION,
  seq,
  since,
  town: town(seq),
  ...NOTHING,
  ...lists,
});

const must = (state: TownView | null, frame: TownFrame): TownView => {
  const next = reduceTown(state, frame);
  if (next === GAP) throw new Error("a gap");
  return next;
};

describe("a town on the page", () => {
  // Beads change one by one; frames are lost when the socket breaks, and the next snapshot holds what
  // changed since the page's last frame. The page must end with the latest of every bead, each once.
  it("has every bead's latest state once, however often the socket breaks and resumes", () => {
    const ids = ["b1", "b2", "b3"] as const;
    fc.assert(
      fc.property(
        fc.array(fc.record({ id: fc.constantFrom(...ids), lost: fc.boolean() }), { maxLength: 30 }),
        (story) => {
          const latest = new Map<string, ReturnType<typeof bead>>();
          let seq = 0;
          let page = must(null, snapshot(0, null));
          let broken = false;
          const resume = () => {
            const changed = [...latest.values()].filter((one) => one.seq > page.seq);
            page = must(page, snapshot(seq, page.seq, { beads: changed }));
          };
          for (const { id, lost } of story) {
            seq += 1;
            const changed = bead(seq, id, { attempts: seq });
            latest.set(id, changed);
            if (broken && !lost) resume();
            if (!lost) page = must(page, { type: "delta", seq, beads: [changed] });
            broken = lost;
          }
          resume();
          expect(page.beads.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual(
            [...latest.values()].toSorted((a, b) => a.id.localeCompare(b.id)),
          );
        },
      ),
    );
  });

  it("doesn't let an older value replace a newer one", () => {
    const page = must(null, snapshot(5, null, { beads: [bead(5, "b1", { status: "closed" })] }));
    const after = must(page, { type: "delta", seq: 3, town: town(3, "Old"), beads: [bead(3, "b1")] });
    expect(after.beads[0]?.status).toBe("closed");
    expect(after.town.name).toBe("Quay");
    expect(after.seq).toBe(5);
  });

  it("drops a rig that was removed, and takes one of that name again", () => {
    const page = must(null, snapshot(1, null, { rigs: [rig(1, "website")] }));
    const without = must(page, { type: "delta", seq: 2, rigs: [rig(2, "website", "removed")] });
    expect(without.rigs).toEqual([]);
    expect(must(without, { type: "delta", seq: 3, rigs: [rig(3, "website")] }).rigs).toHaveLength(1);
  });

  it("keeps the lists that a delta leaves out as the very same objects", () => {
    const page = must(null, snapshot(1, null, { beads: [bead(1, "b1")], rigs: [rig(1, "website")] }));
    const after = must(page, { type: "delta", seq: 2, beads: [bead(2, "b1")] });
    expect(after.rigs).toBe(page.rigs);
    expect(after.activity).toBe(page.activity);
  });

  it("keeps the last lines of the diary, each once", () => {
    const lines = Array.from({ length: ACTIVITY_KEPT }, (_, place) => line(place + 1));
    const page = must(null, snapshot(1, null, { activity: lines }));
    const after = must(page, {
      type: "delta",
      seq: 2,
      activity: [line(ACTIVITY_KEPT), line(ACTIVITY_KEPT + 1)],
    });
    expect(after.activity).toHaveLength(ACTIVITY_KEPT);
    expect(after.activity.at(-1)?.seq).toBe(ACTIVITY_KEPT + 1);
    expect(after.activity[0]?.seq).toBe(2);
  });

  it("takes a delta without a snapshot, and a snapshot that starts after what it has, for a gap", () => {
    expect(reduceTown(null, { type: "delta", seq: 1 })).toBe(GAP);
    expect(reduceTown(must(null, snapshot(3, null)), snapshot(9, 5))).toBe(GAP);
  });
});

describe("what needs a person", () => {
  it("is a failed bead, a held one that is not over, and a failed rig", () => {
    expect(needsYou(bead(1, "b1", { status: "failed" }))).toBe(true);
    expect(needsYou(bead(1, "b1", { status: "in_review", held: true }))).toBe(true);
    expect(needsYou(bead(1, "b1", { status: "cancelled", held: true }))).toBe(false);
    expect(needsYou(bead(1, "b1", { reason: "tried again soon", retryAt: 5 }))).toBe(false);
    const plain = town(1);
    const counted = { ...plain, beads: { ...plain.beads, needsYou: 1 } };
    expect(countNeedsYou({ town: counted, rigs: [rig(1, "website", "failed")] })).toBe(2);
  });
});
