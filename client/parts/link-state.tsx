import type { Link } from "../state/link.ts";
import { timeOf } from "../words.ts";

const words = (link: Link): string => {
  switch (link.kind) {
    case "connecting":
      return "Connecting…";
    case "live":
      return "Live";
    case "stale":
      return `Stale since ${timeOf(link.since)}, connecting…`;
    case "ended":
      return "Disconnected";
    case "outdated":
      return "Out of date: reload";
  }
};

/** How fresh the page is; always there. */
export const LinkState = ({ link }: { readonly link: Link }) => (
  <span className={`link-state ${link.kind}`} role="status" aria-label="Connection">
    {words(link)}
  </span>
);
