import { useState } from "react";
import type { Cursor } from "../../src/protocol/page.ts";
import { useAction } from "../use-action.ts";
import { Failure } from "./form.tsx";

interface MoreProps {
  /** How many there are beyond those that are shown; left out: nobody counts them. */
  readonly left?: number;
  /** What they are: `closed beads`. */
  readonly what: string;
  /** Reads one page. @returns the cursor of the next one, `null` after the last */
  readonly load: (cursor: Cursor | null) => Promise<Cursor | null>;
}

/** Reads on in a list of which the page has the newest, a page at each press. */
export const More = ({ left, what, load }: MoreProps) => {
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const [ended, setEnded] = useState(false);
  const action = useAction();
  if ((left !== undefined && left <= 0) || ended) return null;
  const read = async () => {
    const next = await load(cursor);
    setCursor(next);
    setEnded(next === null);
  };
  return (
    <>
      <button
        type="button"
        className="plain more"
        disabled={action.busy}
        onClick={() => void action.run(read)}
      >
        Show more {what} {left !== undefined && <span className="small">{left} left</span>}
      </button>
      <Failure reason={action.error} />
    </>
  );
};
