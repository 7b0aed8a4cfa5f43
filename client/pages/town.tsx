import { useEffect } from "react";
import { Link } from "wouter";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import type { Me } from "../api.ts";
import { DialogButton } from "../parts/dialog.tsx";
import { FoundTown } from "../views/street/found-town.tsx";
import { Mayor } from "../views/mayor/mayor.tsx";
import { Side, type View } from "../views/town/side.tsx";
import { Street } from "../views/street/street.tsx";
import { TownHead } from "../views/town/town-head.tsx";
import { isGone, type Link as LinkTo, wantsReload } from "../state/link.ts";
import type { UserView } from "../state/reduce-user.ts";
import type { Room } from "../state/room.ts";
import { agentRoom, townRoom } from "../state/rooms.ts";
import { useRoom, useRoomState } from "../state/use-room.ts";
import { Gone } from "./gone.tsx";
import { MessagePage, Reload, SignIn } from "./message.tsx";

interface TownPageProps {
  readonly id: string;
  readonly view: View;
  /** The bead or the agent that is open in the side. */
  readonly item: string | undefined;
  readonly me: Me;
  readonly user: Room<UserView> | null;
}

/**
 * `/towns/:id[/:view[/:item]]`: the street, the conversation, and one side that changes.
 *
 * Tests find: navigation "Views" with links "Board", "Agents", "Lamp", "Activity", "Settings" (and "Mayor" on a
 * small screen) · status "Connection" ("Live") · log "Conversation with the mayor", textbox "Message to the
 * mayor", buttons "Send" and "Cancel this turn".
 * Board: list "Rigs", button "Add a rig" → dialog (textboxes "Repository", "Name", "Branch", "Gates"; radios
 * "None", "Token (https)", "SSH key"; textboxes "Token", "User name" or "Private key"; button "Add rig") · button
 * "Remove rig <name>" → button "Remove it" · button "Sling a bead" → dialog ("Rig", "Title", "What to do"; button
 * "Sling it") · lists "Needs you", "In progress", "In review", "Open", "Closed", "Cancelled" with a link per bead.
 * A bead: heading with its title, buttons "Retry" and "Cancel bead", "Diff" and "Gates" that open, link
 * "<agent>’s transcript". An agent: log "Transcript of <agent>".
 * Settings: textboxes "Base URL", "Model", "Key", buttons "Save model" and "Remove model" · "Town's name",
 * "Runtime", "Sleep after", "Polecats at once", "Most tokens ever", button "Save town" · button "Delete this town"
 * → dialog with a textbox for the town's name and button "Delete for ever".
 */
export const TownPage = ({ id, view, item, me, user }: TownPageProps) => {
  const room = useRoom(townRoom, id);
  const data = useRoomState(room, (state) => state.data);
  // Its room is there once the town's roster has it; before that, it would be refused for good.
  const hasMayor = data?.agents.some(({ name }) => name === "mayor") ?? false;
  const mayor = useRoom(agentRoom, hasMayor ? `${id}.mayor` : null);
  const link = useRoomState(room, (state) => state.link);
  const mayorLink = useRoomState(mayor, (state) => state.link);

  const name = data?.town.name;
  useEffect(() => {
    document.title = name ? `${name} · Curfew` : "Curfew";
    return () => {
      document.title = "Curfew";
    };
  }, [name]);

  if (isGone(link) || data?.town.state === "closing") return <Gone id={id} user={user} />;
  if (link.kind === "ended" || wantsReload(link)) return <Ended link={link} />;
  return (
    <div className={`town-page ${view === "mayor" ? "at-mayor" : "at-side"}`}>
      <nav className="street-column" aria-label="Street">
        <Link href="/" className="serif wordmark">
          Curfew
        </Link>
        <Street user={user} here={id} />
        <DialogButton name="Found a town">{(close) => <FoundTown onDone={close} />}</DialogButton>
      </nav>
      <TownHead view={data} link={link} mayor={mayor && mayorLink} />
      <main id="main" className="conversation">
        {data && <Mayor view={data} room={mayor} />}
      </main>
      {room && (
        <Side
          id={id}
          view={view}
          item={item}
          room={room}
          data={data}
          instance={me.instance}
          stale={link.kind !== "live"}
        />
      )}
    </div>
  );
};

const Ended = ({ link }: { readonly link: LinkTo }) => {
  if (wantsReload(link)) return <Reload />;
  if (link.kind === "ended" && link.code === CloseCode.whoAreYou) return <SignIn />;
  return (
    <MessagePage title="No such town">
      <p>It never existed, or it isn’t yours.</p>
      <Link href="/">All towns</Link>
    </MessagePage>
  );
};
