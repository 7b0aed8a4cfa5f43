import type { Charter } from "../lifecycle/vital.ts";
import type { Activity } from "../protocol/activity.ts";
import type { Agent, AgentStatus } from "../protocol/agent.ts";
import type {
  Bead,
  BeadStatus,
  BeadSummary,
  Diff,
  GateResult,
  GateSummary,
  NewBead,
} from "../protocol/bead.ts";
import type { Page, PageQuery } from "../protocol/page.ts";
import type { AgentName, BeadId, RunId, TownId, UserId } from "../protocol/primitives.ts";
import type { Answer } from "../protocol/problem.ts";
import type { Receipt } from "../protocol/receipt.ts";
import type { NewRig, Rig, RigState } from "../protocol/rig.ts";
import type { Run, RunState } from "../protocol/run.ts";
import type { SettingsPatch } from "../protocol/settings.ts";
import type { Town } from "../protocol/town.ts";
import type { ContainerTruth } from "./container.ts";
import type { RoomRpc } from "./room.ts";

export interface TownCharter extends Charter {
  readonly town: TownId;
  readonly owner: UserId;
  readonly name: string;
}

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

/** One message as the agent's room hands it over; `entry` is its place in the transcript. */
export interface Handover {
  readonly agent: AgentName;
  readonly id: string;
  readonly entry: number;
  readonly text: string;
}

/** The room `Town`. */
export interface TownRpc extends RoomRpc<TownCharter, Receipt> {
  describe(): Promise<Answer<Town>>;
  configure(patch: SettingsPatch): Promise<Answer<Town>>;

  addRig(rig: NewRig): Promise<Answer<Rig>>;
  rigs(query: PageQuery<RigState>): Promise<Answer<Page<Rig>>>;
  removeRig(name: string): Promise<Answer<null>>;

  sling(order: NewBead): Promise<Answer<Bead>>;
  beads(query: PageQuery<BeadStatus>): Promise<Answer<Page<BeadSummary>>>;
  bead(id: string): Promise<Answer<Bead>>;
  cancelBead(id: string): Promise<Answer<Bead>>;
  retryBead(id: string): Promise<Answer<Bead>>;
  diff(id: string): Promise<Answer<Diff | null>>;
  gates(id: string, query: PageQuery): Promise<Answer<Page<GateSummary>>>;
  gate(id: string, gate: string): Promise<Answer<GateResult>>;
  beadRuns(id: string, query: PageQuery<RunState>): Promise<Answer<Page<Run>>>;

  agents(query: PageQuery<AgentStatus>): Promise<Answer<Page<Agent>>>;
  agent(name: string): Promise<Answer<Agent>>;
  /** What came after the stamp `after`. */
  activity(after: number, query: PageQuery): Promise<Answer<Page<Activity>>>;
  cancelTurn(agent: AgentName): Promise<Answer<null>>;

  /** An agent's room hands a message over. Taken again, it is the same. */
  take(message: Handover): Promise<Answer<null>>;

  /** Who is calling: `forbidden` if the process is not the agent's present one or has no live run. */
  identify(caller: Caller): Promise<Answer<Acting>>;
  /** A polecat says that its bead needs no change; the reason is its proof. */
  declareNoChange(caller: Caller, reason: string): Promise<Answer<null>>;
  /** Reserves one model call; `over-limit` when the cap is reached, `conflict` without a model. */
  admit(caller: Caller): Promise<Answer<Admission>>;
  settle(settlement: Settlement): Promise<Answer<null>>;

  /** The container's object says how a life ended. */
  containerStopped(life: number, exit: Extract<ContainerTruth, { running: false }>): Promise<Answer<null>>;
  /** The container's object asks whether this life is the one that the town knows. */
  mayRun(life: number): Promise<Answer<boolean>>;
}
