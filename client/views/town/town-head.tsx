import { Link } from "wouter";
import { type Link as LinkTo, worse } from "../../state/link.ts";
import type { TownView } from "../../state/reduce-town.ts";
import { useNow } from "../../use-action.ts";
import { about, count } from "../../words.ts";
import { Lamp, LampOut } from "../../parts/lamp.tsx";
import { leftOf } from "../lamp/lamp-view.tsx";
import { LinkState } from "../../parts/link-state.tsx";
import { LitWindows } from "../../parts/window.tsx";

interface TownHeadProps {
  readonly view: TownView | null;
  /** The town's own socket: whether it is awake is known while this one is live. */
  readonly link: LinkTo;
  /** The socket of its mayor's transcript; `null`: it has no mayor yet. */
  readonly mayor: LinkTo | null;
}

/** Which town, whether it is awake, who works, and how fresh all this is. */
export const TownHead = ({ view, link, mayor }: TownHeadProps) => (
  <header className="town-head">
    <Link href="/" className="back" aria-label="All towns">
      ←
    </Link>
    <h1 className="serif">{view?.town.name ?? "…"}</h1>
    {view && <State view={view} live={link.kind === "live"} />}
    <LinkState link={mayor === null ? link : worse(link, mayor)} />
  </header>
);

const State = ({ view: { town }, live }: { readonly view: TownView; readonly live: boolean }) => {
  const now = useNow(5000);
  const { sleepsAt } = town.container;
  const { open, in_progress, in_review } = town.beads;
  const unfinished = open + in_progress + in_review;
  return (
    <p className="small town-state">
      <Link href={`/towns/${town.id}/lamp`} className="quiet">
        {live ? <Lamp state={town.container.state} left={leftOf(town, now)} /> : <LampOut />}
        {live && sleepsAt !== null && sleepsAt > now && `, sleeps in ${about(sleepsAt - now)}`}
      </Link>
      {live && <LitWindows working={town.agents.working} />}
      {unfinished > 0 && <span>{count(unfinished, "unfinished bead")}</span>}
    </p>
  );
};
