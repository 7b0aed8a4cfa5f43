import { Link } from "wouter";
import type { TownSummary } from "../../../src/protocol/town.ts";
import { NeedsYou } from "../board/board.tsx";
import { api } from "../../api.ts";
import { Failure } from "../../parts/form.tsx";
import { Lamp, LampOut } from "../../parts/lamp.tsx";
import { loadEarlier } from "../../state/earlier.ts";
import { type UserView, withEarlierTowns } from "../../state/reduce-user.ts";
import type { Room } from "../../state/room.ts";
import { useRoomState } from "../../state/use-room.ts";
import { useAction } from "../../use-action.ts";
import { LitWindows } from "../../parts/window.tsx";

interface StreetProps {
  readonly user: Room<UserView> | null;
  /** The town that is open. */
  readonly here?: string;
}

/** The person's towns as a row of houses: who has light sees work. */
export const Street = ({ user, here }: StreetProps) => {
  const view = useRoomState(user, (state) => state.data);
  const live = useRoomState(user, (state) => state.link.kind === "live");
  const earlier = useAction();
  if (view === null || user === null) return <p className="hint">Loading…</p>;
  const standing = view.towns.filter((town) => town.state !== "gone");
  if (standing.length === 0) return <p className="hint">No town stands here yet.</p>;
  return (
    <>
      <ul className="street" aria-label="Towns">
        {standing
          .toSorted((a, b) => a.foundedAt - b.foundedAt)
          .map((town) => (
            <li key={town.id}>
              <House town={town} here={town.id === here} live={live} />
            </li>
          ))}
      </ul>
      {view.earlier !== null && (
        <button
          type="button"
          className="plain more"
          disabled={earlier.busy}
          onClick={() => void earlier.run(() => loadEarlier(user, api.towns, withEarlierTowns))}
        >
          Show more towns
        </button>
      )}
      <Failure reason={earlier.error} />
    </>
  );
};

interface HouseProps {
  readonly town: TownSummary;
  readonly here: boolean;
  /** Whether what is known of it is of now. */
  readonly live: boolean;
}

const House = ({ town, here, live }: HouseProps) => (
  <Link
    href={town.state === "closing" ? `/towns/${town.id}/gone` : `/towns/${town.id}`}
    className="house"
    aria-current={here ? "page" : undefined}
  >
    <span className="serif name">{town.name}</span>
    <span className="small house-state">
      {town.state !== "open" && <span>{STATE_WORDS[town.state]}</span>}
      {town.state === "open" && (live ? <Lamp state={town.container} /> : <LampOut />)}
      {town.state === "open" && live && <LitWindows working={town.working} />}
      {town.state === "open" && town.needsYou && <NeedsYou />}
    </span>
  </Link>
);

const STATE_WORDS: Record<Exclude<TownSummary["state"], "open">, string> = {
  founding: "being founded",
  closing: "being taken down",
  gone: "gone",
};
