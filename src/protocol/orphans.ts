import * as v from "valibot";

/** What may be the id of a room: a town's, or that of an object in the cloud's own list. */
export const OrphanId = v.pipe(
  v.string(),
  v.regex(/^(t[a-z2-7]{20}|[0-9a-f]{64})$/, "is no id of a town or an object"),
);

/** `POST /api/admin/orphans` */
export const OrphansOrder = v.strictObject({
  ids: v.pipe(v.array(OrphanId), v.minLength(1, "names no id"), v.maxLength(100, "has at most 100 ids")),
  /** Ends those that nobody claims. */
  destroy: v.boolean(),
});

/** What is known of one id, and what was done about it. */
export const OrphanFinding = v.object({
  /** As it was asked. */
  id: v.string(),
  /** `<Class> <name>`, or `<Class> <id>` where the name is not known; empty if it is no room's. */
  room: v.string(),
  /**
   * What the id turned out to be the id of. `claimed`: it lives, and its parent says that it is theirs.
   * `unclaimed`: something is there, and nobody says so. `tombstone`: it is gone, and stays so. `nothing`:
   * nothing was ever there. `unknown`: it could not be found out, so it is left alone.
   */
  standing: v.picklist(["claimed", "unclaimed", "tombstone", "nothing", "unknown"]),
  /** Why, for people. */
  detail: v.string(),
  /** How far its end is, if it was ended now. */
  ended: v.nullable(v.picklist(["closing", "gone"])),
});
export type OrphanFinding = v.InferOutput<typeof OrphanFinding>;

/** The answer, in the order of the ids. */
export const OrphansAnswer = v.object({ findings: v.array(OrphanFinding) });
