import * as v from "valibot";
import { BranchName, RigName, Seq, Timestamp } from "./primitives.ts";
import { Seen, SeenText } from "./text.ts";

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
  /^((https|ssh):\/\/[^/?#\\-]|file:\/\/\/|\/|~\/|[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:)/;

/** Whether an address is a path on the machine that Curfew runs on: absolute, below a home (`~/`), or a file URL. */
export const isLocalAddress = (gitUrl: string): boolean => /^(\/|~\/|file:)/.test(gitUrl);

/** `github.com/owner/repo`, as people read it off the browser: a host with a dot, and a path. */
const HOST_AND_PATH = /^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*\.[a-z]{2,}(:\d+)?\/[^/\s]/i;

/** What is meant by an address that leaves something out. */
const complete = (gitUrl: string): string => (HOST_AND_PATH.test(gitUrl) ? `https://${gitUrl}` : gitUrl);

/** What to write instead of an address that isn't taken. The first that fits is told. */
const INSTEAD: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [/^http:\/\//i, "write https:// instead of http://"],
  [/^git:\/\//i, "write https:// or ssh:// instead of git://"],
  [/^git\+(?:https|ssh):/i, "leave git+ out"],
  [/^(?:https|ssh|file):/i, "write it all, in small letters: https://host/owner/repo, file:///path"],
  [/^~/, "write ~/path, or an absolute path"],
  [/^\.{1,2}(?:\/|$)/, "a path must be absolute: /path/to/repo or ~/repo"],
  [/^[A-Za-z]:[\\/]|^\\\\/, "a path of Windows isn't one that Curfew can use"],
  [/^[A-Za-z0-9][\w.-]*\.[a-z]{2,}:(?!\/)/i, "write the user before the host: git@host:owner/repo"],
  [/^[\w.-]+\/[\w./-]+$/, "write the host too: https://github.com/owner/repo; or an absolute path"],
];

const hint = (gitUrl: string): string => {
  const instead = INSTEAD.find(([pattern]) => pattern.test(gitUrl))?.[1];
  const taken = "must be an https, ssh or file URL, or an absolute path";
  return instead === undefined ? taken : `${taken} (${instead})`;
};

/** What stands before the path of an https or ssh URL, user and password included; else nothing. */
const authority = (url: string): string => /^(?:https|ssh):\/\/([^/?#]*)/.exec(url)?.[1] ?? "";

/**
 * Where a repository is: `https://`, `ssh://`, `git@host:path`, `file:///`, an absolute path or one that begins
 * with `~/`; `github.com/owner/repo` is taken for the https URL. A URL that holds a password is refused, so that
 * none is ever stored or shown.
 */
export const GitUrl = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, "must not be empty"),
  v.maxLength(1000),
  v.transform(complete),
  v.regex(/^\P{Cc}*$/u, "must not contain line breaks or control characters"),
  Seen,
  v.regex(REMOTE, ({ input }) => hint(input)),
  v.check((url) => isLocalAddress(url) || !/\s/.test(url), "must not contain spaces: write %20 in a URL"),
  v.check((url) => !/^(https|ssh):/.test(url) || URL.canParse(url), "is not a URL"),
  v.check(
    (url) => !url.startsWith("https:") || !authority(url).includes("@"),
    "must not contain a user or password: use credential",
  ),
  v.check((url) => !authority(url).includes("@-"), "is not a host"),
  // Before the last `@`: what comes after it is the host and its port.
  v.check((url) => !/:.*@/.test(authority(url)), "must not contain a password: use credential"),
);

/** Whether a file URL names one path, and one that a file can have: nothing of it is left out or undone. */
const isFileUrl = (url: string): boolean => {
  try {
    return !/[?#]|%2f/i.test(url) && !/\p{Cc}/u.test(decodeURIComponent(url));
  } catch {
    return false;
  }
};

/** Refused at the door only: what is stored already goes on as it did. */
const NewGitUrl = v.pipe(
  GitUrl,
  v.check(
    (url) => !url.startsWith("file:") || isFileUrl(url),
    "names no path: write % as %25, # as %23 and ? as %3F, and no control characters",
  ),
);

const NewCredential = v.pipe(
  Credential,
  v.check(
    (credential) =>
      credential.kind === "ssh" || !/[^\P{Cc}\r\n\0]/u.test(credential.username + credential.token),
    "must not contain control characters",
  ),
);

/** `POST /api/towns/:town/rigs` */
export const NewRig = v.strictObject({
  name: RigName,
  gitUrl: NewGitUrl,
  /** Default: the repository's own default branch. */
  branch: v.optional(BranchName),
  /** Shell commands that must all exit 0 in the merged tree before it is pushed. */
  gates: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(2000), SeenText)),
      v.maxLength(20),
    ),
    [],
  ),
  credential: v.optional(NewCredential),
});
export type NewRig = v.InferInput<typeof NewRig>;

/** `removed` reaches pages once, so that they can drop the rig; lists leave it out. */
export const RigState = v.picklist(["checking", "ready", "failed", "removed"]);
export type RigState = v.InferOutput<typeof RigState>;

export const Rig = v.object({
  name: RigName,
  gitUrl: v.string(),
  /** The target branch; `null` until the first check found the default. */
  branch: v.nullable(v.string()),
  gates: v.array(v.string()),
  hasCredential: v.boolean(),
  state: RigState,
  reason: v.nullable(v.string()),
  /** The branch's commit when it was last looked at. */
  head: v.nullable(v.string()),
  createdAt: Timestamp,
  seq: Seq,
});
export type Rig = v.InferOutput<typeof Rig>;
