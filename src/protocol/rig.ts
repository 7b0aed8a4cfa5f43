import * as v from "valibot";
import { BranchName, RigName, Seq, Timestamp } from "./primitives.ts";

/**
 * How git authenticates. Write-only: no answer ever holds one.
 * - `token`: for https; `username` defaults to what the common hosts take with a token.
 * - `ssh`: an unencrypted private key in OpenSSH's format.
 */
export const Credential = v.variant("kind", [
  v.object({
    kind: v.literal("token"),
    username: v.optional(v.pipe(v.string(), v.regex(/^[^\r\n\0]{1,200}$/)), "x-access-token"),
    token: v.pipe(v.string(), v.regex(/^[^\r\n\0]{1,4000}$/, "a token is one line")),
  }),
  v.object({
    kind: v.literal("ssh"),
    privateKey: v.pipe(v.string(), v.minLength(1), v.maxLength(16_000)),
  }),
]);
export type Credential = v.InferOutput<typeof Credential>;

/** No user and no host begins with a dash: ssh would read an option. */
const REMOTE =
  /^((https|ssh):\/\/[^/?#\\-]|file:\/\/\/|\/|[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:)/;

/** What stands before the path of an https or ssh URL, user and password included; else nothing. */
const authority = (url: string): string => /^(?:https|ssh):\/\/([^/?#]*)/.exec(url)?.[1] ?? "";

/**
 * Where a repository is: `https://`, `ssh://`, `git@host:path`, `file:///` or an absolute path.
 * A URL that holds a password is refused, so that none is ever stored or shown.
 */
export const GitUrl = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, "must not be empty"),
  v.maxLength(1000),
  v.regex(/^[^\s\0]*$/, "must not contain spaces"),
  v.regex(REMOTE, "must be an https, ssh or file URL, or an absolute path"),
  v.check((url) => !/^(https|ssh):/.test(url) || URL.canParse(url), "is not a URL"),
  v.check(
    (url) => !url.startsWith("https:") || !authority(url).includes("@"),
    "must not contain a user or password: use credential",
  ),
  v.check((url) => !authority(url).includes("@-"), "is not a host"),
  // Before the last `@`: what comes after it is the host and its port.
  v.check((url) => !/:.*@/.test(authority(url)), "must not contain a password: use credential"),
);

/** `POST /api/towns/:town/rigs` */
export const NewRig = v.strictObject({
  name: RigName,
  gitUrl: GitUrl,
  /** Default: the repository's own default branch. */
  branch: v.optional(BranchName),
  /** Shell commands that must all exit 0 in the merged tree before it is pushed. */
  gates: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(2000))), v.maxLength(20)),
    [],
  ),
  credential: v.optional(Credential),
});
export type NewRig = v.InferInput<typeof NewRig>;

export const Rig = v.object({
  name: RigName,
  gitUrl: v.string(),
  /** The target branch; `null` until the first check found the default. */
  branch: v.nullable(v.string()),
  gates: v.array(v.string()),
  hasCredential: v.boolean(),
  /** `removed` reaches pages once, so that they can drop the rig; lists leave it out. */
  state: v.picklist(["checking", "ready", "failed", "removed"]),
  reason: v.nullable(v.string()),
  /** The branch's commit when it was last looked at. */
  head: v.nullable(v.string()),
  createdAt: Timestamp,
  seq: Seq,
});
export type Rig = v.InferOutput<typeof Rig>;
