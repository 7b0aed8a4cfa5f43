import { Link } from "wouter";
import type { Link as LinkTo } from "../../state/link.ts";
import type { TownView } from "../../state/reduce-town.ts";
import { useNow } from "../../use-action.ts";
import { about, count } from "../../words.ts";
import { Lamp } from "../../parts/lamp.tsx";
import { leftOf } from "../lamp/lamp-view.tsx";
import { LinkState } from "../../parts/link-state.tsx";
import { LitWindows } from "../../parts/window.tsx";

/** Which town, whether it is awake, who works, and how fresh all this is. */
export const TownHead = ({ view, link }: { readonly view: TownView | null; readonly link: LinkTo }) => (
  <header className="town-head">
    <Link href="/" className="back" aria-label="All towns">
      ←
    </Link>
    <h1 className="serif">{view?.town.name ?? "…"}</h1>
    {view && <State view={view} />}
    <LinkState link={link} />
  </header>
);

const State = ({ view: { town } }: { readonly view: TownView }) => {
  const now = useNow(5000);
  const { sleepsAt } = town.container;
  return (
    <p className="small town-state">
      <Link href={`/towns/${town.id}/lamp`} className="quiet">
        <Lamp state={town.container.state} left={leftOf(town, now)} />
        {sleepsAt !== null && sleepsAt > now && `, sleeps in ${about(sleepsAt - now)}`}
      </Link>
      <LitWindows working={town.agents.working} />
      {town.beads.open > 0 && <span>{count(town.beads.open, "bead")} open</span>}
    </p>
  );
};
