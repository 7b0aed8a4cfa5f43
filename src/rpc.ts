import type { Activity } from "./protocol/activity.ts";
import type { Agent } from "./protocol/agent.ts";
import type { Bead, Diff, GateResult, NewBead } from "./protocol/bead.ts";
import type { Entry } from "./protocol/entry.ts";
import type { NewMessage } from "./protocol/message.ts";
import type { AgentName, BeadId, RunId } from "./protocol/primitives.ts";
import type { Answer } from "./protocol/problem.ts";
import type { Receipt } from "./protocol/receipt.ts";
import type { NewRig, Rig } from "./protocol/rig.ts";
import type { Run } from "./protocol/run.ts";
import type { SettingsPatch } from "./protocol/settings.ts";
import type { Town, TownSummary } from "./protocol/town.ts";

/** An agent's process as its token names it. The Town resolves it to the run that is live *now*. */
export interface Caller {
  readonly agent: AgentName;
  readonly process: string;
}

/** The live run behind a {@link Caller}. */
export interface Acting {
  readonly runId: RunId;
  readonly fence: number;
  /** The message that the turn answers: tools derive idempotency keys from it. */
  readonly message: string | null;
  readonly bead: BeadId | null;
}

/** What the model proxy needs for one admitted call. `key` never leaves the Worker. */
export interface Admission {
  readonly call: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly key: string | null;
}

/** How an admitted call ended; tokens are what the service said, or 0 where it said nothing. */
export interface Settlement {
  readonly call: string;
  /** HTTP status of the service; 0 if it could not be reached. */
  readonly status: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The room `Town` as other parts of the Worker call it. */
export interface TownRpc {
  describe(): Promise<Answer<Town>>;
  configure(patch: SettingsPatch): Promise<Answer<Town>>;

  addRig(rig: NewRig): Promise<Answer<Rig>>;
  rigs(): Promise<Answer<Rig[]>>;
  removeRig(name: string): Promise<Answer<null>>;

  sling(order: NewBead): Promise<Answer<Bead>>;
  beads(): Promise<Answer<Bead[]>>;
  bead(id: string): Promise<Answer<Bead>>;
  cancelBead(id: string): Promise<Answer<Bead>>;
  retryBead(id: string): Promise<Answer<Bead>>;
  diff(id: string): Promise<Answer<Diff | null>>;
  gates(id: string): Promise<Answer<GateResult[]>>;
  /** The bead's runs, oldest first. */
  beadRuns(id: string): Promise<Answer<Run[]>>;

  agents(): Promise<Answer<Agent[]>>;
  agent(name: string): Promise<Answer<Agent>>;
  activity(after: number): Promise<Answer<Activity[]>>;
  cancelTurn(agent: AgentName): Promise<Answer<null>>;

  /** Who is calling: `forbidden` if the process is not the agent's present one or has no live run. */
  identify(caller: Caller): Promise<Answer<Acting>>;
  /** A polecat says that its bead needs no change; the reason is its proof. */
  declareNoChange(caller: Caller, reason: string): Promise<Answer<null>>;
  /** Reserves one model call; `over-limit` when the cap is reached, `conflict` without a model. */
  admit(caller: Caller): Promise<Answer<Admission>>;
  settle(settlement: Settlement): Promise<Answer<null>>;
}

/** Where a town is, as its owner knows it. `null`: never existed, or not theirs. */
export type Located =
  | { readonly state: "open" }
  | { readonly state: "founding" }
  | {
      readonly state: "closing" | "gone";
      readonly name: string;
      readonly foundedAt: number;
      readonly receipt: Receipt;
      /** What went wrong when the owner's room last tried to go on; it tries again. Left out: nothing. */
      readonly waitsFor?: string;
    };

/** The room `User`. */
export interface UserRpc {
  towns(): Promise<Answer<TownSummary[]>>;
  foundTown(name: string): Promise<Answer<Town>>;
  locate(town: string): Promise<Answer<Located | null>>;
  /** The one way to end a town. Again: the same. `null`: not theirs. */
  closeTown(town: string, cause: string): Promise<Answer<Located | null>>;
}

/** The room `Agent`. */
export interface AgentRpc {
  /** Stores the message before it answers; the same id again is the same message. */
  say(message: NewMessage): Promise<Answer<{ seq: number }>>;
  transcript(after: number): Promise<Answer<{ seq: number; entries: Entry[] }>>;
}
