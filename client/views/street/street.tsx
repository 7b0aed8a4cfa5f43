import { Link } from "wouter";
import type { TownSummary } from "../../../src/protocol/town.ts";
import { NeedsYou } from "../board/board.tsx";
import { Lamp } from "../../parts/lamp.tsx";
import { LitWindows } from "../../parts/window.tsx";

interface StreetProps {
  /** `null`: not known yet. */
  readonly towns: readonly TownSummary[] | null;
  /** The town that is open. */
  readonly here?: string;
}

/** The person's towns as a row of houses: who has light sees work. */
export const Street = ({ towns, here }: StreetProps) => {
  if (towns === null) return <p className="hint">Loading…</p>;
  const standing = towns.filter((town) => town.state !== "gone");
  if (standing.length === 0) return <p className="hint">No town stands here yet.</p>;
  return (
    <ul className="street" aria-label="Towns">
      {standing
        .toSorted((a, b) => a.foundedAt - b.foundedAt)
        .map((town) => (
          <li key={town.id}>
            <House town={town} here={town.id === here} />
          </li>
        ))}
    </ul>
  );
};

const House = ({ town, here }: { readonly town: TownSummary; readonly here: boolean }) => (
  <Link
    href={town.state === "closing" ? `/towns/${town.id}/gone` : `/towns/${town.id}`}
    className="house"
    aria-current={here ? "page" : undefined}
  >
    <span className="serif name">{town.name}</span>
    <span className="small house-state">
      {town.state === "open" ? <Lamp state={town.container} /> : <span>{STATE_WORDS[town.state]}</span>}
      <LitWindows working={town.working} />
      {town.needsYou && <NeedsYou />}
    </span>
  </Link>
);

const STATE_WORDS: Record<Exclude<TownSummary["state"], "open">, string> = {
  founding: "being founded",
  closing: "being taken down",
  gone: "gone",
};
