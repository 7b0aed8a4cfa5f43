import type { AgentStatus } from "../../src/protocol/agent.ts";

/** An agent as a window of the town: lit = working, outlined = at rest, crossed = failed. */
export const Window = ({ status }: { readonly status: AgentStatus }) => (
  <svg className={`window ${status}`} viewBox="0 0 12 16" aria-hidden="true">
    <rect x="1" y="1" width="10" height="14" rx="1" />
    {status === "failed" ? <path d="M2 2l8 12M10 2L2 14" /> : <path d="M6 1v14M1 8h10" />}
  </svg>
);

const SHOWN = 6;

/** So many lit windows, and a word for those who don't see them. */
export const LitWindows = ({ working }: { readonly working: number }) =>
  working === 0 ? null : (
    <span className="windows">
      {Array.from({ length: Math.min(working, SHOWN) }, (_, place) => (
        <Window key={place} status="working" />
      ))}
      <span className="small">{working} at work</span>
    </span>
  );
