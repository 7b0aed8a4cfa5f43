import { Link } from "wouter";
import { api, type Me } from "../../api.ts";
import { addTo } from "../../state/more.ts";
import { countNeedsYou } from "../../state/needs-you.ts";
import type { TownView } from "../../state/reduce-town.ts";
import type { Room } from "../../state/room.ts";
import { useLoaded } from "../../use-action.ts";
import { Activity } from "../activity/activity.tsx";
import { AgentDetail, Agents } from "../agents/agents.tsx";
import { BeadDetail } from "../bead/bead-detail.tsx";
import { Board } from "../board/board.tsx";
import { LampView } from "../lamp/lamp-view.tsx";
import { Settings } from "../settings/settings.tsx";

export const VIEWS = ["mayor", "board", "agents", "lamp", "activity", "settings"] as const;
export type View = (typeof VIEWS)[number];

const NAMES: Record<View, string> = {
  mayor: "Mayor",
  board: "Board",
  agents: "Agents",
  lamp: "Lamp",
  activity: "Activity",
  settings: "Settings",
};

interface SideProps {
  readonly id: string;
  readonly view: View;
  readonly item: string | undefined;
  readonly room: Room<TownView>;
  readonly data: TownView | null;
  readonly instance: Me["instance"];
  readonly stale: boolean;
}

/** What a person opens is where the keyboard and a reader go on. */
const takeFocus = (element: HTMLElement | null) => element?.focus({ preventScroll: true });

/** The part of a town's page that changes; beside the conversation it shows the board by default. */
export const Side = ({ id, view, item, room, data, instance, stale }: SideProps) => (
  <>
    <nav className="views" aria-label="Views">
      {VIEWS.map((name) => (
        <Link
          key={name}
          href={name === "mayor" ? `/towns/${id}` : `/towns/${id}/${name}`}
          className={`view-${name}`}
          aria-current={name === view ? "page" : undefined}
        >
          {NAMES[name]}
          {name === "board" && data && <Needed count={countNeedsYou(data)} />}
        </Link>
      ))}
    </nav>
    <aside
      key={`${view} ${item}`}
      ref={item === undefined ? null : takeFocus}
      tabIndex={-1}
      className={`side ${stale && data ? "stale" : ""}`}
      aria-label={NAMES[view === "mayor" ? "board" : view]}
    >
      {item !== undefined && (
        <Link href={`/towns/${id}/${view}`} className="back-up">
          ← {NAMES[view]}
        </Link>
      )}
      {data === null ? (
        <p className="hint">Loading…</p>
      ) : (
        <Shown view={view} item={item} room={room} data={data} instance={instance} stale={stale} />
      )}
    </aside>
  </>
);

const Needed = ({ count }: { readonly count: number }) =>
  count === 0 ? null : (
    <span className="needs-you">
      <span className="mark" aria-hidden="true" /> {count}
      <span className="unseen"> need you</span>
    </span>
  );

type ShownProps = Omit<SideProps, "id"> & { readonly data: TownView };

const Shown = ({ view, item, room, data, instance, stale }: ShownProps) => {
  switch (view) {
    case "mayor":
    case "board": {
      if (item === undefined) return <Board view={data} room={room} local={instance.local} />;
      const bead = data.beads.find(({ id }) => id === item);
      if (!bead)
        return (
          <Fetched
            key={item}
            what={item}
            fetch={async () => addTo(room, { beads: [await api.bead(data.town.id, item)] })}
          />
        );
      return <BeadDetail key={item} town={data.town.id} bead={bead} agents={data.agents} />;
    }
    case "agents": {
      if (item === undefined) return <Agents view={data} room={room} />;
      const agent = data.agents.find(({ name }) => name === item);
      if (!agent)
        return (
          <Fetched
            key={item}
            what={item}
            fetch={async () => addTo(room, { agents: [await api.agent(data.town.id, item)] })}
          />
        );
      return <AgentDetail key={item} town={data.town.id} agent={agent} />;
    }
    case "lamp":
      return <LampView town={data.town} stale={stale} />;
    case "activity":
      return <Activity view={data} room={room} />;
    case "settings":
      return <Settings town={data.town} instance={instance} />;
  }
};

interface FetchedProps {
  readonly what: string;
  readonly fetch: () => Promise<void>;
}

/**
 * Reads one thing that frames and pages have not told of: once it is there, it is shown instead of this.
 * An agent that has ended never is.
 */
const Fetched = ({ what, fetch }: FetchedProps) => {
  const loaded = useLoaded(what, fetch);
  switch (loaded.state) {
    case "loading":
      return <p className="hint">Loading…</p>;
    case "failed":
      return <p className="hint">{loaded.reason}</p>;
    case "ready":
      return <p className="hint">{what} is no longer here.</p>;
  }
};
