import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { git, mergeOf, type Place, rigAt, test } from "./with-place.ts";

/*
 * Two beads are merged into one branch at the same time, each by a container of its own kind of luck,
 * while an outsider pushes to it. However that interleaves: no commit of anybody's is lost, each bead
 * is merged exactly once, and the branch only ever moves forward.
 *
 * What happens at a bead's intents, in order; when the list is over, the push goes ahead:
 * - `outsider`: somebody else pushes first.
 * - `meet`: it waits for the other bead to come as far, or to end.
 * - `crash unrecorded`, `crash recorded`: the run is cut off before or after the town knows.
 * - `deaf`: the push goes ahead, but its result is lost, and an outsider pushes before the next run.
 */
const STEPS = ["outsider", "meet", "crash unrecorded", "crash recorded", "deaf"] as const;
type Step = (typeof STEPS)[number];

const BEADS = ["b1", "b2"] as const;
type BeadName = (typeof BEADS)[number];

interface Intent {
  readonly commit: string;
  readonly onto: string;
}

/** Where both beads are, for `meet`. */
class Crossing {
  readonly #arrived = new Map<BeadName, PromiseWithResolvers<void>>(
    BEADS.map((bead) => [bead, Promise.withResolvers<void>()]),
  );
  arrive(bead: BeadName): void {
    this.#arrived.get(bead)?.resolve();
  }
  async meet(bead: BeadName): Promise<void> {
    this.arrive(bead);
    await Promise.all([...this.#arrived.values()].map(({ promise }) => promise));
  }
}

const RUNS_MAX = 12;

/** What the town does with one bead: runs the merge until it knows how it ended. */
const drive = async (
  place: Place,
  bare: string,
  bead: BeadName,
  plan: Step[],
  crossing: Crossing,
  commit: string,
) => {
  const steps = [...plan];
  let recorded: Intent | null = null;
  let work = place.work({ folder: place.path(`root-${bead}`) });
  for (let run = 1; run <= RUNS_MAX; run++) {
    const cancel = new AbortController();
    let deaf = false;
    const intent = async (intent: Intent): Promise<void> => {
      crossing.arrive(bead);
      const step = steps.shift();
      if (step === "crash unrecorded") {
        cancel.abort();
        throw new Error("the town never heard of it");
      }
      recorded = intent;
      if (step === "crash recorded") cancel.abort();
      if (step === "meet") await crossing.meet(bead);
      if (step === "outsider") place.outsider(bare, { [`outsider-${bead}-${run}-${steps.length}`]: "x" });
      deaf = step === "deaf";
    };
    const order = mergeOf(rigAt(bare), bead, commit, { intent: recorded, gates: ["test -f README.md"] });
    const result = await work.merge(order, { gate: () => {}, intent }, cancel.signal);
    if (result.outcome === "merged" && !deaf) return result.mergeCommit;
    if (deaf) place.outsider(bare, { [`outsider-after-${bead}-${run}`]: "x" });
    if (result.outcome === "cancelled") work = place.work({ folder: place.path(`root-${bead}-${run}`) });
    else if (result.outcome !== "merged") expect(result).toMatchObject({ outcome: "failed", again: true });
  }
  throw new Error(`${bead} was not merged in ${RUNS_MAX} runs`);
};

const plan = fc.array(fc.constantFrom(...STEPS), { maxLength: 4 });

describe("merges into one branch at the same time", () => {
  test("hole (d): lose nothing, do nothing twice and never move the branch back", async ({ place }) => {
    let universe = 0;
    await fc.assert(
      fc.asyncProperty(plan, plan, async (one, two) => {
        const inner = place.inner(`universe-${++universe}`);
        const bare = inner.bare("remote.git");
        const crossing = new Crossing();
        const ends = await Promise.all(
          BEADS.map(async (bead, index) => {
            const commit = await inner.delivered(
              inner.work({ folder: inner.path(`polecat-${bead}`) }),
              rigAt(bare),
              bead,
              {
                [`${bead}.txt`]: bead,
              },
            );
            const mergeCommit = await drive(
              inner,
              bare,
              bead,
              index === 0 ? one : two,
              crossing,
              commit,
            ).finally(() => crossing.arrive(bead));
            return { bead, commit, mergeCommit };
          }),
        );

        const line = git(bare, "rev-list", "--first-parent", "main").split("\n");
        for (const { bead, commit, mergeCommit } of ends) {
          const merges = git(
            bare,
            "log",
            "--format=%H",
            "--fixed-strings",
            `--grep=Curfew-Bead: ${bead}`,
            "main",
          );
          expect(merges).toBe(mergeCommit);
          expect(line).toContain(mergeCommit);
          expect(git(bare, "rev-parse", `${mergeCommit}^2`)).toBe(commit);
        }
        const { outsiders } = inner;
        for (const commit of outsiders)
          expect(git(bare, "merge-base", "--is-ancestor", commit, "main")).toBe("");
        const moves = readFileSync(join(bare, "logs", "refs", "heads", "main"), "utf8")
          .split("\n")
          .filter(Boolean);
        for (const move of moves) {
          const [from = "", to = ""] = move.split(" ");
          expect(git(bare, "merge-base", "--is-ancestor", from, to)).toBe("");
        }
        expect(moves).toHaveLength(BEADS.length + outsiders.length);
        for (const root of readdirSync(inner.folder).filter((name) => name.startsWith("root-"))) {
          expect(readdirSync(inner.path(`${root}/temporary`))).toEqual([]);
        }
      }),
      {
        numRuns: 6,
        examples: [
          [
            ["meet", "deaf"],
            ["meet", "crash recorded", "outsider"],
          ],
        ],
        endOnFailure: true,
      },
    );
  });
});
