import { DialogButton } from "../parts/dialog.tsx";
import { FoundTown } from "../views/street/found-town.tsx";
import { LinkState } from "../parts/link-state.tsx";
import { Street } from "../views/street/street.tsx";
import type { UserView } from "../state/reduce-user.ts";
import type { Room } from "../state/room.ts";
import { useRoomState } from "../state/use-room.ts";

/**
 * `/`: all towns, and the way to a new one.
 *
 * Tests find: list "Towns" with a link per town · button "Found a town" → dialog of that name with textbox
 * "Name" and button "Found it" · status "Connection".
 */
export const Home = ({ user }: { readonly user: Room<UserView> | null }) => {
  const link = useRoomState(user, (state) => state.link);
  return (
    <main id="main" className="home">
      <header>
        <h1 className="serif">Curfew</h1>
        <LinkState link={link} />
      </header>
      <p className="hint">Towns of coding agents that sleep when idle and vanish when deleted.</p>
      <Street user={user} />
      <div className="buttons">
        <DialogButton name="Found a town" className="primary">
          {(close) => <FoundTown onDone={close} />}
        </DialogButton>
      </div>
    </main>
  );
};
