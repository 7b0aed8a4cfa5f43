import { lastLines } from "./scrub.ts";

/**
 * What can go wrong with git, told apart by code that has to act on it:
 * - `cancelled`: the signal was aborted.
 * - `unreachable`: host not found, refused, reset, timed out; the same may work in a while.
 * - `denied`: a credential is missing, wrong, or not allowed to do this.
 * - `absent`: no repository, branch or commit where there should be one.
 * - `address`: not an address that Curfew speaks to, or not a branch name.
 * - `undeliverable`: the bead's files, or some of them, can't come along as they are.
 * - `damaged`: our own mirror is broken, or locked by a git that was killed.
 * - `failed`: anything else.
 */
export type FaultKind =
  | "cancelled"
  | "unreachable"
  | "denied"
  | "absent"
  | "address"
  | "undeliverable"
  | "damaged"
  | "failed";

const AGAIN: Readonly<Record<FaultKind, boolean>> = {
  cancelled: false,
  unreachable: true,
  denied: false,
  absent: false,
  address: false,
  undeliverable: true,
  damaged: true,
  failed: true,
};

/** A git operation that did not work; `message` is a sentence for the page, free of secrets. */
export class GitFault extends Error {
  readonly kind: FaultKind;
  /** Whether trying again by itself makes sense. */
  readonly again: boolean;
  constructor(kind: FaultKind, message: string, again: boolean = AGAIN[kind]) {
    super(message);
    this.name = "GitFault";
    this.kind = kind;
    this.again = again;
  }
}

/** Where a command went, for the sentence about its failure. */
export interface Whereabouts {
  /** The repository's address as people may see it. */
  readonly shown: string;
  readonly host: string | null;
  readonly hasCredential: boolean;
}

interface Rule {
  readonly pattern: RegExp;
  readonly kind: FaultKind;
  readonly say: (at: Whereabouts) => string;
}

/** What can befall any command. */
const ANYWHERE: readonly Rule[] = [
  {
    pattern: /No space left on device|Disk quota exceeded/i,
    kind: "failed",
    say: () => "The container's disk is full.",
  },
  {
    pattern:
      /\.lock': File exists|not a git repository \(or any|loose object .* corrupt|bad object|unable to read (?:tree|sha1)|invalid sha1 pointer|did not send all necessary objects|packfile .* (?:is far too short|cannot be)/i,
    kind: "damaged",
    say: ({ shown }) => `${shown}, or the container's own copy of it, is damaged or locked.`,
  },
];

/** What can befall a command that talks to the rig's repository. */
const UNDERWAY: readonly Rule[] = [
  {
    // Before the lost connection that follows from it.
    pattern: /possible repository corruption on the remote side/i,
    kind: "failed",
    say: ({ shown }) => `${shown} is damaged: objects are missing from it (git fsck there says which).`,
  },
  {
    pattern: /Could not resolve host|Name or service not known|Temporary failure in name resolution/i,
    kind: "unreachable",
    say: ({ host, shown }) => `The host ${host ?? shown} was not found.`,
  },
  {
    pattern: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/,
    kind: "denied",
    say: ({ host, shown }) =>
      `${host ?? shown} shows another host key than before, or none that can be trusted.`,
  },
  {
    pattern: /SSL certificate problem|certificate verification failed|server certificate/i,
    kind: "denied",
    say: ({ host, shown }) => `The certificate of ${host ?? shown} can't be trusted.`,
  },
  {
    pattern: /Load key .*(?:invalid format|error in libcrypto)/i,
    kind: "denied",
    say: () => "The rig's SSH key can't be read: it must be an unencrypted private key.",
  },
  {
    pattern: /could not read (?:Username|Password)|Authentication failed|Permission denied \(/i,
    kind: "denied",
    say: ({ shown, hasCredential }) =>
      hasCredential
        ? `${shown} does not accept the rig's credential.`
        : `${shown} wants a credential, and the rig has none.`,
  },
  {
    pattern: /The requested URL returned error: 40[13]|Permission to \S+ denied|You are not allowed/i,
    kind: "denied",
    say: ({ shown, hasCredential }) =>
      hasCredential
        ? `The rig's credential does not allow this on ${shown}.`
        : `${shown} wants a credential that allows this, and the rig has none.`,
  },
  {
    pattern: /Permission denied|insufficient permission/,
    kind: "denied",
    say: ({ shown }) => `${shown} may not be read or written by Curfew.`,
  },
  {
    pattern:
      /does not appear to be a git repository|repository '.*' (?:not found|does not exist)|Repository not found|not a git repository|The requested URL returned error: 404|not valid: is this a git repository/i,
    kind: "absent",
    say: ({ shown, hasCredential }) =>
      `There is no git repository at ${shown}${hasCredential ? ", or the rig's credential may not see it" : ""}.`,
  },
  {
    pattern:
      /Failed to connect|Connection (?:refused|timed out|reset|closed)|Could not connect|Network is unreachable|No route to host|Operation timed out|The requested URL returned error: (?:429|5\d\d)|early EOF|unexpected disconnect|RPC failed|hung up/i,
    kind: "unreachable",
    say: ({ host, shown }) => `${host ?? shown} can't be reached, or cut the connection.`,
  },
];

/**
 * The fault that git's (scrubbed) error output speaks of. Git has no error codes: its words, in the C
 * locale, are all there is. The first rule that fits says it.
 *
 * @param remote whether the command talked to the rig's repository
 */
export const faultOf = (command: string, errors: string, remote: boolean, at: Whereabouts): GitFault => {
  for (const { pattern, kind, say } of remote ? [...ANYWHERE, ...UNDERWAY] : ANYWHERE) {
    if (pattern.test(errors)) return new GitFault(kind, say(at));
  }
  return new GitFault("failed", `git ${command} failed: ${lastLines(errors) || "it said nothing"}`);
};
