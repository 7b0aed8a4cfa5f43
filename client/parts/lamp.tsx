import type { ContainerState } from "../../src/protocol/town.ts";
import { LAMP_WORDS } from "../words.ts";

interface LampProps {
  readonly state: ContainerState;
  /** How much of the time until sleep is left, 0 to 1; `null` if no deadline runs. */
  readonly left?: number | null;
  /** Without its word, where the same is said beside it. */
  readonly bare?: boolean;
}

/** Four shapes, told apart in greyscale: hollow, half filled, filled, filled within a draining ring. */
export const Lamp = ({ state, left = null, bare = false }: LampProps) => {
  const ring = state === "stopping" ? 0 : state === "awake" ? left : null;
  return (
    <span className={`lamp ${state}`}>
      <svg viewBox="0 0 20 20" aria-hidden="true">
        {state === "asleep" && <circle cx="10" cy="10" r="5.25" className="outline" />}
        {state === "starting" && (
          <>
            <circle cx="10" cy="10" r="5.25" className="outline" />
            <path d="M4.75 10a5.25 5.25 0 0 0 10.5 0z" className="fill" />
          </>
        )}
        {(state === "awake" || state === "stopping") && (
          <circle cx="10" cy="10" r={ring === null ? 6 : 4} className="fill" />
        )}
        {ring !== null && (
          <>
            <circle cx="10" cy="10" r="7.5" className="track" />
            <circle
              cx="10"
              cy="10"
              r="7.5"
              className="ring"
              pathLength="100"
              strokeDasharray={`${Math.round(ring * 100)} 100`}
              transform="rotate(-90 10 10)"
            />
          </>
        )}
      </svg>
      {!bare && <span>{LAMP_WORDS[state]}</span>}
    </span>
  );
};

/** Nobody can say now whether it is awake: neither lit nor hollow. */
export const LampOut = () => (
  <span className="lamp unknown">
    <svg viewBox="0 0 20 20" aria-hidden="true">
      <circle cx="10" cy="10" r="5.25" className="outline" strokeDasharray="2.5 2.5" />
    </svg>
    <span>not known now</span>
  </span>
);
