import { CloseCode } from "../../src/protocol/close-codes.ts";

/** How a room's socket is; what the page shows is only as fresh as this says. */
export type Link =
  /** Nothing has come yet. */
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** It was live; what is shown is from `since` (ms), until the socket is back. */
  | { readonly kind: "stale"; readonly since: number }
  /** Closed for good with one of `CloseCode`. */
  | { readonly kind: "ended"; readonly code: number }
  /** The server speaks another version of the protocol: it said so, or what it sent did. */
  | { readonly kind: "outdated" };

/** Whether reloading the page would help. */
export const wantsReload = (link: Link): boolean =>
  link.kind === "outdated" || (link.kind === "ended" && link.code === CloseCode.badMessage);

/** Whether the room is no more, rather than out of reach. */
export const isGone = (link: Link): boolean => link.kind === "ended" && link.code === CloseCode.gone;

const RANK: Record<Link["kind"], number> = { live: 0, connecting: 1, stale: 2, outdated: 3, ended: 4 };

/** The less fresh of two. */
export const worse = (a: Link, b: Link): Link => (RANK[b.kind] > RANK[a.kind] ? b : a);
