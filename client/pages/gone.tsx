import { useState } from "react";
import { Link } from "wouter";
import type { UserView } from "../state/reduce-user.ts";
import type { Room } from "../state/room.ts";
import { api } from "../api.ts";
import { Failure } from "../parts/form.tsx";
import { Receipt } from "../views/receipt/receipt.tsx";
import { useRoomState } from "../state/use-room.ts";
import { useLoaded } from "../use-action.ts";

interface GoneProps {
  readonly id: string;
  readonly user: Room<UserView> | null;
}

/**
 * `/towns/:id/gone`: the receipt of a town that is being deleted, or was.
 *
 * Tests find: heading "… its receipt" · list "What was done" · button "Look again", whose finding is a status.
 */
export const Gone = ({ id, user }: GoneProps) => {
  const summary = useRoomState(user, ({ data }) => data?.towns.find((town) => town.id === id));
  const [looks, setLooks] = useState(0);
  // The owner's room says when the town gets from `closing` to `gone`: no need to ask again and again.
  const loaded = useLoaded(`${id} ${summary?.seq} ${looks}`, () => api.receipt(id, looks > 0));
  const name = loaded.state === "ready" ? loaded.value.name : summary?.name;

  return (
    <main id="main" className="message-page receipt">
      <h1 className="serif">{name ? `${name}: its receipt` : "A town’s receipt"}</h1>
      {loaded.state === "loading" && <p className="hint">Loading…</p>}
      {loaded.state === "ready" && <Receipt receipt={loaded.value} />}
      <Failure reason={loaded.state === "failed" ? loaded.reason : null} />
      <div className="buttons">
        <button type="button" onClick={() => setLooks(looks + 1)}>
          Look again
        </button>
        <Link href="/">All towns</Link>
      </div>
    </main>
  );
};
