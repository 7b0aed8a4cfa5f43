import * as v from "valibot";
import { Seen } from "./text.ts";

/** Milliseconds since the epoch (UTC). Every `…At` on a wire is one. */
export const Timestamp = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A room's change counter: grows with every change that a page may see. */
export const Seq = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Grows with every run of a town; what carries a smaller one than the room knows changes nothing. */
export const Fence = v.pipe(v.number(), v.integer(), v.minValue(1));

/** Opaque, minted once, never used again: `t` and 20 characters of base 32. */
export const TownId = v.pipe(v.string(), v.regex(/^t[a-z2-7]{20}$/, "not a town id"));

/** A person's id: small letters, digits, `-` and `_`. */
export const UserId = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "not a user id"));

/** `mayor`, `polecat-<n>`. A number is never given twice in a town. */
export const AgentName = v.pipe(
  v.string(),
  v.regex(/^(mayor|polecat-[1-9][0-9]{0,8})$/, "not an agent's name"),
);

/** `b<n>`, counted per town. */
export const BeadId = v.pipe(v.string(), v.regex(/^b[1-9][0-9]{0,8}$/, "not a bead id"));

/** `r<n>`, counted per town. */
export const RunId = v.pipe(v.string(), v.regex(/^r[1-9][0-9]{0,8}$/, "not a run id"));

export const RigName = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9][a-z0-9_-]{0,39}$/,
    "a rig's name is 1 to 40 small letters, digits, - or _, and starts with a letter or digit",
  ),
);

/** The name of a git branch, checked with the rules of `git check-ref-format` that matter for safety. */
export const BranchName = v.pipe(
  v.string(),
  v.maxLength(200, "a branch name has at most 200 characters"),
  // oxlint-disable-next-line no-control-regex -- git forbids control characters
  v.regex(
    /^(?!\/|-|\.)(?!(?:HEAD|@)$)(?!.*(\.\.|\/\/|@\{|\/\.|\.lock$|\.lock\/))[^\s~^:?*[\\\x00-\x20\x7f]+(?<![/.])$/,
    "not a branch name",
  ),
  Seen,
);

export const CommitId = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, "not a commit id"));

export type TownId = v.InferOutput<typeof TownId>;
export type UserId = v.InferOutput<typeof UserId>;
export type AgentName = v.InferOutput<typeof AgentName>;
export type BeadId = v.InferOutput<typeof BeadId>;
export type RunId = v.InferOutput<typeof RunId>;
export type RigName = v.InferOutput<typeof RigName>;
