import { Link } from "wouter";
import type { Bead } from "../../../src/protocol/bead.ts";
import type { TownView } from "../../state/reduce-town.ts";
import { needsYou } from "../../state/needs-you.ts";
import { timeOf } from "../../words.ts";
import { AddRig } from "../rigs/add-rig.tsx";
import { DialogButton } from "../../parts/dialog.tsx";
import { Rigs } from "../rigs/rigs.tsx";
import { Sling } from "./sling.tsx";

interface Section {
  readonly title: string;
  readonly holds: (bead: Bead) => boolean;
  /** Over and done with: newest first, and folded when there are more than {@link FEW}. */
  readonly past?: true;
}

const FEW = 5;

const inStatus = (status: Bead["status"]) => (bead: Bead) => bead.status === status && !needsYou(bead);

const SECTIONS: readonly Section[] = [
  { title: "Needs you", holds: needsYou },
  { title: "In progress", holds: inStatus("in_progress") },
  { title: "In review", holds: inStatus("in_review") },
  { title: "Open", holds: inStatus("open") },
  { title: "Closed", holds: inStatus("closed"), past: true },
  { title: "Cancelled", holds: inStatus("cancelled"), past: true },
];

/** Rigs and beads of a town. */
export const Board = ({ view, local }: { readonly view: TownView; readonly local: boolean }) => {
  const { town, rigs, beads } = view;
  return (
    <>
      <section aria-labelledby="rigs-title">
        <header className="head">
          <h2 id="rigs-title">Rigs</h2>
          <DialogButton name="Add a rig" className={rigs.length === 0 ? "primary" : ""}>
            {(close) => <AddRig town={town.id} local={local} onDone={close} />}
          </DialogButton>
        </header>
        {rigs.length === 0 ? (
          <p className="hint">A town works on git repositories. Each one is a rig.</p>
        ) : (
          <Rigs town={town.id} rigs={rigs} />
        )}
      </section>
      <section aria-labelledby="beads-title">
        <header className="head">
          <h2 id="beads-title">Beads</h2>
          <DialogButton name="Sling a bead" disabled={rigs.length === 0}>
            {(close) => <Sling town={town.id} rigs={rigs} onDone={close} />}
          </DialogButton>
        </header>
        {beads.length === 0 && <p className="hint">No work yet. Ask the mayor, or sling a bead yourself.</p>}
        {SECTIONS.map((section) => (
          <BeadSection key={section.title} section={section} town={town.id} beads={beads} />
        ))}
      </section>
    </>
  );
};

interface BeadSectionProps {
  readonly section: Section;
  readonly town: string;
  readonly beads: readonly Bead[];
}

const BeadSection = ({ section: { title, holds, past }, town, beads }: BeadSectionProps) => {
  const here = beads.filter(holds);
  if (here.length === 0) return null;
  const rows = (
    <ul className="rows" aria-label={title}>
      {(past ? here.toReversed() : here).map((bead) => (
        <BeadRow key={bead.id} town={town} bead={bead} />
      ))}
    </ul>
  );
  return past ? (
    <details className="fold" open={here.length <= FEW}>
      <summary>
        {title} <span className="small">{here.length}</span>
      </summary>
      {rows}
    </details>
  ) : (
    <>
      <h3>
        {title} <span className="small">{here.length}</span>
      </h3>
      {rows}
    </>
  );
};

const BeadRow = ({ town, bead }: { readonly town: string; readonly bead: Bead }) => (
  <li className={`bead ${bead.status}`}>
    <Link href={`/towns/${town}/board/${bead.id}`} className="row">
      <span className="title">{bead.title}</span>
      <span className="small">
        {needsYou(bead) && <NeedsYou />}
        <span className="mono">{bead.id}</span> · {bead.rig}
        {bead.assignee && ` · ${bead.assignee}`}
      </span>
      {bead.reason && bead.status !== "closed" && <span className="reason">{bead.reason}</span>}
      {bead.retryAt !== null && <span className="small">tried again at {timeOf(bead.retryAt)}</span>}
    </Link>
  </li>
);

/** The one alarm mark, with its word. */
export const NeedsYou = () => (
  <span className="needs-you">
    <span className="mark" aria-hidden="true" /> needs you{" "}
  </span>
);
