import { Link } from "wouter";
import type { Agent } from "../../../src/protocol/agent.ts";
import { api } from "../../api.ts";
import { addTo } from "../../state/more.ts";
import type { TownView } from "../../state/reduce-town.ts";
import type { Room } from "../../state/room.ts";
import { useRoom, useRoomState } from "../../state/use-room.ts";
import { agentRoom } from "../../state/rooms.ts";
import { useNow } from "../../use-action.ts";
import { about, timeOf, usageText } from "../../words.ts";
import { LinkState } from "../../parts/link-state.tsx";
import { More } from "../../parts/more.tsx";
import { Transcript } from "../../parts/transcript.tsx";
import { Window } from "../../parts/window.tsx";

/** Who is there, those at work first; those without a process fold away. */
export const Agents = ({ view, room }: { readonly view: TownView; readonly room: Room<TownView> }) => {
  const { town, agents } = view;
  const now = useNow(10_000);
  const more = (status: "idle" | "failed") => (
    <More
      key={`${status} ${view.begun}`}
      what={`${status} agents`}
      left={town.agents[status] - agents.filter((agent) => agent.status === status).length}
      load={async (cursor) => {
        const page = await api.agents(town.id, status, cursor);
        addTo(room, { agents: page.items });
        return page.next;
      }}
    />
  );
  const idle = agents.filter((agent) => agent.status === "idle");
  const present = agents.filter((agent) => agent.status !== "idle");
  const rows = (some: readonly Agent[]) =>
    some.map((agent) => <AgentRow key={agent.name} town={town.id} agent={agent} now={now} />);
  return (
    <section aria-labelledby="agents-title">
      <header className="head">
        <h2 id="agents-title">Agents</h2>
      </header>
      {present.length === 0 && <p className="hint">Nobody is at work.</p>}
      <ul className="rows" aria-label="Present">
        {rows(present.toSorted((a, b) => Number(b.status === "working") - Number(a.status === "working")))}
      </ul>
      {more("failed")}
      {idle.length > 0 && (
        <details className="fold" open={present.length === 0}>
          <summary>
            Idle <span className="small">{town.agents.idle}</span>
          </summary>
          <ul className="rows" aria-label="Idle">
            {rows(idle)}
          </ul>
          {more("idle")}
        </details>
      )}
    </section>
  );
};

interface AgentRowProps {
  readonly town: string;
  readonly agent: Agent;
  readonly now: number;
}

const AgentRow = ({ town, agent, now }: AgentRowProps) => (
  <li className={`agent ${agent.status}`}>
    <Link href={`/towns/${town}/agents/${agent.name}`} className="row">
      <span className="title">
        <Window status={agent.status} /> {agent.name}
      </span>
      <span className="small">
        {agent.status}
        {agent.status === "working" && ` for ${about(Math.max(0, now - agent.since))}`}
        {agent.bead && ` · on ${agent.bead}`} · {usageText(agent.usage)}
      </span>
      {agent.reason && <span className="reason">{agent.reason}</span>}
    </Link>
  </li>
);

/** One agent and its transcript, live. */
export const AgentDetail = ({ town, agent }: { readonly town: string; readonly agent: Agent }) => {
  const room = useRoom(agentRoom, `${town}.${agent.name}`);
  const link = useRoomState(room, (state) => state.link);
  return (
    <article className="detail filling" aria-labelledby="agent-title">
      <h2 id="agent-title" className="serif">
        <Window status={agent.status} /> {agent.name}
      </h2>
      <p className="small">
        {agent.status} since {timeOf(agent.since)}
        {agent.bead && (
          <>
            {" · on "}
            <Link href={`/towns/${town}/board/${agent.bead}`}>{agent.bead}</Link>
          </>
        )}
        {" · "}
        {usageText(agent.usage)}
        {link.kind !== "live" && (
          <>
            {" · "}
            <LinkState link={link} />
          </>
        )}
      </p>
      {agent.reason && <p className={agent.status === "failed" ? "wrong" : "reason"}>{agent.reason}</p>}
      <Transcript
        town={town}
        agent={agent.name}
        room={room}
        label={`Transcript of ${agent.name}`}
        working={agent.status === "working"}
        empty={<p className="hint">It has said nothing yet.</p>}
      />
    </article>
  );
};
