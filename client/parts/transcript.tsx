import type { ReactNode } from "react";
import type { AgentName, TownId } from "../../src/protocol/primitives.ts";
import { api } from "../api.ts";
import { loadEarlier } from "../state/earlier.ts";
import { type Transcript as TranscriptView, withEarlier } from "../state/reduce-agent.ts";
import type { Room } from "../state/room.ts";
import { useRoomState } from "../state/use-room.ts";
import { useAction } from "../use-action.ts";
import { Entries } from "./entries.tsx";
import { Follow } from "./follow.tsx";
import { Failure } from "./form.tsx";

interface TranscriptProps {
  readonly town: TownId;
  readonly agent: AgentName;
  readonly room: Room<TranscriptView> | null;
  readonly label: string;
  readonly working: boolean;
  /** The agent has no room yet, so there is nothing to wait for. */
  readonly unborn?: boolean;
  /** What to say when there is nothing yet. */
  readonly empty: ReactNode;
  /** What follows the newest entry. */
  readonly children?: ReactNode;
}

/** What one agent said and did, live. */
export const Transcript = ({
  town,
  agent,
  room,
  label,
  working,
  unborn,
  empty,
  children,
}: TranscriptProps) => {
  const transcript = useRoomState(room, (state) => state.data);
  const earlier = useAction();
  const stale = useRoomState(room, (state) => state.link.kind !== "live");
  return (
    <Follow label={label} busy={working} className={stale && transcript ? "stale" : ""}>
      {transcript === null && !unborn && <p className="hint">Loading…</p>}
      {transcript && transcript.earlier !== null && room && (
        <button
          type="button"
          className="plain"
          disabled={earlier.busy}
          onClick={() =>
            void earlier.run(() =>
              loadEarlier(room, (cursor) => api.transcript(town, agent, cursor), withEarlier),
            )
          }
        >
          Show earlier
        </button>
      )}
      <Failure reason={earlier.error} />
      {(unborn || transcript?.entries.length === 0) && empty}
      {transcript && <Entries entries={transcript.entries} working={working} />}
      {children}
    </Follow>
  );
};
