import { Link } from "wouter";
import type { BeadStatus, BeadSummary } from "../../../src/protocol/bead.ts";
import type { Town } from "../../../src/protocol/town.ts";
import { api } from "../../api.ts";
import { addTo } from "../../state/more.ts";
import type { TownView } from "../../state/reduce-town.ts";
import type { Room } from "../../state/room.ts";
import { needsYou } from "../../state/needs-you.ts";
import { timeOf } from "../../words.ts";
import { AddRig } from "../rigs/add-rig.tsx";
import { DialogButton } from "../../parts/dialog.tsx";
import { More } from "../../parts/more.tsx";
import { Rigs } from "../rigs/rigs.tsx";
import { Sling } from "./sling.tsx";

interface Section {
  readonly title: string;
  readonly holds: (bead: BeadSummary) => boolean;
  /** How many there are; `all` are those that the page has. */
  readonly count: (beads: Town["beads"], all: readonly BeadSummary[]) => number;
  /** The status of those that a page of the list is read of. */
  readonly status: BeadStatus;
  /** Over and done with: newest first, and folded when there are more than {@link FEW}. */
  readonly past?: true;
}

const FEW = 5;

/** The beads with a status, but for those that wait for a person: they stand above. */
const inStatus = (title: string, status: BeadStatus): Section => ({
  title,
  status,
  holds: (bead) => bead.status === status && !needsYou(bead),
  count: (counts, all) =>
    counts[status] - all.filter((bead) => bead.status === status && needsYou(bead)).length,
});

const SECTIONS: readonly Section[] = [
  { title: "Needs you", holds: needsYou, count: ({ needsYou: many }) => many, status: "failed" },
  inStatus("In progress", "in_progress"),
  inStatus("In review", "in_review"),
  inStatus("Open", "open"),
  { ...inStatus("Closed", "closed"), past: true },
  { ...inStatus("Cancelled", "cancelled"), past: true },
];

interface BoardProps {
  readonly view: TownView;
  readonly room: Room<TownView>;
  readonly local: boolean;
}

/** Rigs and beads of a town. */
export const Board = ({ view, room, local }: BoardProps) => {
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
          <BeadSection key={`${section.title} ${view.begun}`} section={section} view={view} room={room} />
        ))}
      </section>
    </>
  );
};

interface BeadSectionProps {
  readonly section: Section;
  readonly view: TownView;
  readonly room: Room<TownView>;
}

const BeadSection = ({ section, view: { town, beads }, room }: BeadSectionProps) => {
  const { title, holds, past, status } = section;
  const here = beads.filter(holds);
  const all = Math.max(here.length, section.count(town.beads, beads));
  if (all === 0) return null;
  const more = (
    <More
      what="beads"
      left={all - here.length}
      load={async (cursor) => {
        const page = await api.beads(town.id, status, cursor);
        addTo(room, { beads: page.items });
        return page.next;
      }}
    />
  );
  // What is read is older than what is here: it stands where it will be put.
  const rows = (
    <>
      {!past && more}
      {here.length > 0 && (
        <ul className="rows" aria-label={title}>
          {(past ? here.toReversed() : here).map((bead) => (
            <BeadRow key={bead.id} town={town.id} bead={bead} />
          ))}
        </ul>
      )}
      {past && more}
    </>
  );
  return past ? (
    <details className="fold" open={all <= FEW}>
      <summary>
        {title} <span className="small">{all}</span>
      </summary>
      {rows}
    </details>
  ) : (
    <>
      <h3>
        {title} <span className="small">{all}</span>
      </h3>
      {rows}
    </>
  );
};

const BeadRow = ({ town, bead }: { readonly town: string; readonly bead: BeadSummary }) => (
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
