import { Link } from "wouter";
import type { BeadSummary } from "../../../src/protocol/bead.ts";
import type { Agent } from "../../../src/protocol/agent.ts";
import { api } from "../../api.ts";
import { canCancel, canRetry, needsYou } from "../../state/needs-you.ts";
import { useAction, useLoaded } from "../../use-action.ts";
import { count, timeOf, usageText } from "../../words.ts";
import { NeedsYou } from "../board/board.tsx";
import { BeadDiff } from "./diff.tsx";
import { Failure } from "../../parts/form.tsx";
import { Gates } from "./gates.tsx";
import { Markdown } from "../../parts/markdown.tsx";
import { Later } from "../../parts/later.tsx";

const STATUS_WORDS: Record<BeadSummary["status"], string> = {
  open: "open",
  in_progress: "in progress",
  in_review: "in review",
  closed: "closed",
  failed: "failed",
  cancelled: "cancelled",
};

interface BeadDetailProps {
  readonly town: string;
  readonly bead: BeadSummary;
  readonly agents: readonly Agent[];
}

/** All of one bead: where it stands and why, who works on it, what was made and how it was checked. */
export const BeadDetail = ({ town, bead, agents }: BeadDetailProps) => {
  // What lists leave out is read here, and again when the reason may be another one.
  const whole = useLoaded(`${bead.id} ${bead.status} ${bead.attempts} ${bead.reason}`, () =>
    api.bead(town, bead.id),
  );
  const reason = whole.state === "ready" && bead.reason?.endsWith("…") ? whole.value.reason : bead.reason;
  const worker = bead.assignee ?? agents.find((agent) => agent.bead === bead.id)?.name;
  return (
    <article className="detail" aria-labelledby="bead-title">
      <h2 id="bead-title" className="serif">
        {bead.title}
      </h2>
      <p className="small">
        {needsYou(bead) && <NeedsYou />}
        <span className="mono">{bead.id}</span> · {bead.rig} · {STATUS_WORDS[bead.status]}
        {bead.attempts > 0 && ` · ${count(bead.attempts, "failed attempt")}`}
        {bead.retryAt !== null && ` · tried again at ${timeOf(bead.retryAt)}`}
      </p>
      {reason && <p className={needsYou(bead) ? "wrong" : "reason"}>{reason}</p>}
      <BeadActions town={town} bead={bead} />
      {whole.state === "loading" && <p className="hint">Loading…</p>}
      {whole.state === "failed" && <p className="wrong">What to do is unavailable: {whole.reason}</p>}
      {whole.state === "ready" && whole.value.body && <Markdown text={whole.value.body} />}
      <dl>
        {worker && (
          <>
            <dt>Worker</dt>
            <dd>
              <Link href={`/towns/${town}/agents/${worker}`}>{worker}’s transcript</Link>
            </dd>
          </>
        )}
        <Fact name="Branch" value={bead.branch} />
        <Fact name="Commit" value={bead.commit} />
        <Fact name="Merged as" value={bead.mergeCommit} />
        <dt>Usage</dt>
        <dd>{usageText(bead.usage)}</dd>
      </dl>
      <Later title="Diff">
        <BeadDiff town={town} bead={bead} />
      </Later>
      <Later title="Gates">
        <Gates town={town} bead={bead} />
      </Later>
    </article>
  );
};

const Fact = ({ name, value }: { readonly name: string; readonly value: string | null }) =>
  value === null ? null : (
    <>
      <dt>{name}</dt>
      <dd className="mono">{value}</dd>
    </>
  );

const BeadActions = ({ town, bead }: { readonly town: string; readonly bead: BeadSummary }) => {
  const action = useAction();
  if (!canRetry(bead) && !canCancel(bead)) return null;
  return (
    <>
      <div className="buttons">
        {canRetry(bead) && (
          <button
            type="button"
            className="primary"
            disabled={action.busy}
            onClick={() => void action.run(() => api.retryBead(town, bead.id))}
          >
            Retry
          </button>
        )}
        {canCancel(bead) && (
          <button
            type="button"
            disabled={action.busy}
            onClick={() => void action.run(() => api.cancelBead(town, bead.id))}
          >
            Cancel bead
          </button>
        )}
      </div>
      <Failure reason={action.error} />
    </>
  );
};
