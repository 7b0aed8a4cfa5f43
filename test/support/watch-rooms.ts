import * as v from "valibot";
import type { Activity } from "../../src/protocol/activity.ts";
import type { Agent } from "../../src/protocol/agent.ts";
import type { BeadSummary } from "../../src/protocol/bead.ts";
import { AgentFrame } from "../../src/protocol/browser/agent-frame.ts";
import { TownFrame } from "../../src/protocol/browser/town-frame.ts";
import type { Entry } from "../../src/protocol/entry.ts";
import type { Rig } from "../../src/protocol/rig.ts";
import type { Town } from "../../src/protocol/town.ts";
import type { Curfew } from "./curfew.ts";
import { type Watch, watch } from "./watch.ts";

/** A town as its socket tells it; lists are in the order in which things were first seen. */
export interface TownState {
  readonly town: Town;
  readonly rigs: readonly Rig[];
  readonly beads: readonly BeadSummary[];
  readonly agents: readonly Agent[];
  readonly activity: readonly Activity[];
}

/** An agent's transcript as its socket tells it. */
export interface AgentState {
  readonly entries: readonly Entry[];
}

const put = <T>(known: readonly T[], news: readonly T[] | undefined, key: (one: T) => unknown): T[] => [
  ...new Map([...known, ...(news ?? [])].map((one) => [key(one), one])).values(),
];

const reduceTown = (state: TownState | null, text: string): TownState => {
  const frame = v.parse(TownFrame, JSON.parse(text));
  if (frame.type === "snapshot") return frame;
  if (!state) throw new Error("a delta came before the snapshot");
  return {
    town: frame.town ?? state.town,
    rigs: put(state.rigs, frame.rigs, ({ name }) => name),
    beads: put(state.beads, frame.beads, ({ id }) => id),
    agents: put(state.agents, frame.agents, ({ name }) => name),
    activity: put(state.activity, frame.activity, ({ seq }) => seq),
  };
};

const reduceAgent = (state: AgentState | null, text: string): AgentState => {
  const frame = v.parse(AgentFrame, JSON.parse(text));
  if (frame.type === "snapshot") return frame;
  if (!state) throw new Error("a change came before the snapshot");
  if (frame.type === "entry") return { entries: put(state.entries, [frame.entry], ({ id }) => id) };
  return {
    entries: state.entries.map((entry) => {
      if (entry.id !== frame.id || !("text" in entry)) return entry;
      if (entry.text.length !== frame.offset) throw new Error(`a piece is missing in entry ${entry.id}`);
      return { ...entry, text: entry.text + frame.text };
    }),
  };
};

/** Watches a town, as its page does. */
export const watchTown = ({ url, token }: Curfew, town: string): Watch<TownState> =>
  watch({ url: `${url}/parties/town/${town}`, token, reduce: reduceTown });

/** Watches an agent of a town, as a page with its conversation does. */
export const watchAgent = ({ url, token }: Curfew, town: string, agent: string): Watch<AgentState> =>
  watch({ url: `${url}/parties/agent/${town}.${agent}`, token, reduce: reduceAgent });
