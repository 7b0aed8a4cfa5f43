import { useEffect } from "react";
import { useStore } from "zustand";
import { Link as RouteLink } from "wouter";
import { api } from "../../api.ts";
import type { Transcript as TranscriptView } from "../../state/reduce-agent.ts";
import type { TownView } from "../../state/reduce-town.ts";
import type { Room } from "../../state/room.ts";
import { outboxOf } from "../../state/outboxes.ts";
import { useRoomState } from "../../state/use-room.ts";
import { useAction, useNow } from "../../use-action.ts";
import { about } from "../../words.ts";
import { Composer } from "./composer.tsx";
import { Failure } from "../../parts/form.tsx";
import { PendingMessage } from "./pending.tsx";
import { Transcript } from "../../parts/transcript.tsx";

interface MayorProps {
  readonly view: TownView;
  readonly room: Room<TranscriptView> | null;
}

/** The conversation with the mayor. */
export const Mayor = ({ view, room }: MayorProps) => {
  const { town, agents } = view;
  const outbox = outboxOf(town.id);
  const pending = useStore(outbox.store);
  const entries = useRoomState(room, (state) => state.data?.entries);
  const live = useRoomState(room, (state) => state.link.kind === "live");
  const mayor = agents.find((agent) => agent.role === "mayor");
  const working = mayor?.status === "working";

  useEffect(() => {
    if (entries) outbox.arrived(entries);
  }, [entries, outbox]);
  useEffect(() => {
    if (live) outbox.hurry();
  }, [live, outbox]);

  return (
    <>
      <Transcript
        town={town.id}
        agent="mayor"
        room={room}
        label="Conversation with the mayor"
        working={working}
        empty={<Welcome view={view} />}
        unborn={!mayor}
      >
        {pending.map((message) => (
          <PendingMessage key={message.id} pending={message} outbox={outbox} />
        ))}
      </Transcript>
      {working && <Turn town={town.id} since={mayor.since} />}
      {mayor?.status === "failed" && mayor.reason && (
        <p className="notice error">The mayor stopped: {mayor.reason}</p>
      )}
      <Composer onSend={outbox.send} container={town.container.state} />
    </>
  );
};

/** That the mayor is at it, for how long, and the way to stop it. */
const Turn = ({ town, since }: { readonly town: string; readonly since: number }) => {
  const now = useNow(1000);
  const cancel = useAction();
  return (
    <div className="turn">
      <p className="hint">The mayor is working{now - since >= 5000 && `, ${about(now - since)}`}</p>
      <button
        type="button"
        className="plain"
        disabled={cancel.busy}
        onClick={() => void cancel.run(() => api.cancelTurn(town))}
      >
        Cancel this turn
      </button>
      <Failure reason={cancel.error} />
    </div>
  );
};

const Welcome = ({ view: { town, rigs } }: { readonly view: TownView }) => {
  const { model, modelFromEnvironment, runtime } = town.settings;
  const scripted = runtime === "script" || (runtime === "auto" && !model && !modelFromEnvironment);
  return (
    <div className="welcome">
      <p className="serif">Nothing has been said in {town.name} yet.</p>
      {rigs.length === 0 && (
        <p>
          First <RouteLink href={`/towns/${town.id}/board`}>add a rig</RouteLink>: the repository that this
          town works on.
        </p>
      )}
      {scripted ? (
        <p>
          No model works here, so the mayor obeys commands only: try <code>/help</code>. For a mayor that
          talks, <RouteLink href={`/towns/${town.id}/settings`}>set a model</RouteLink>.
        </p>
      ) : (
        <p>Say what you want done. The mayor breaks it into beads and hands them to polecats.</p>
      )}
    </div>
  );
};
