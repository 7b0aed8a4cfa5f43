import { stillbornReceipt } from "../../support/stillborn.ts";
import type { AgentCharter } from "../../../src/rooms/agent.ts";
import { room } from "../rooms.ts";
import type { Agent, Town, User } from "../worker.ts";
import type { Late, Outcome } from "./late.ts";
import type { Remembered } from "./remembered.ts";
import { FIRST_PAGE } from "../../../src/protocol/page.ts";

type Called = { readonly ok: boolean; readonly problem?: { readonly kind: string } };
const kindOf = (answer: Called): Outcome => (answer.ok ? "ok" : (answer.problem?.kind ?? "?"));

/** Every method that a stub of a town's room has, each as its caller would call it. */
const townCalls = ({ town, charter, turns }: Remembered): Record<string, () => Promise<Outcome>> => {
  const [turn] = turns;
  const caller = { agent: turn?.agent ?? "mayor", process: turn?.process ?? "" };
  const stub = () => room.town(town);
  const refused = (ask: (stub: DurableObjectStub<Town>) => Promise<unknown>) => async () =>
    kindOf((await ask(stub())) as Called);
  return {
    found: refused((t) => t.found(charter)),
    describe: refused((t) => t.describe()),
    configure: refused((t) => t.configure({ name: "Lazarus" })),
    addRig: refused((t) => t.addRig({ name: "late", gitUrl: "https://git.example/late.git" })),
    rigs: refused((t) => t.rigs(FIRST_PAGE)),
    removeRig: refused((t) => t.removeRig("repo")),
    sling: refused((t) => t.sling({ rig: "repo", title: "Late" })),
    beads: refused((t) => t.beads(FIRST_PAGE)),
    bead: refused((t) => t.bead("b1")),
    cancelBead: refused((t) => t.cancelBead("b1")),
    retryBead: refused((t) => t.retryBead("b1")),
    diff: refused((t) => t.diff("b1")),
    gates: refused((t) => t.gates("b1", FIRST_PAGE)),
    gate: refused((t) => t.gate("b1", "0")),
    beadRuns: refused((t) => t.beadRuns("b1", FIRST_PAGE)),
    agents: refused((t) => t.agents(FIRST_PAGE)),
    agent: refused((t) => t.agent("mayor")),
    activity: refused((t) => t.activity(0, FIRST_PAGE)),
    cancelTurn: refused((t) => t.cancelTurn("mayor")),
    take: refused((t) => t.take({ agent: "mayor", id: "m1", entry: 1, text: "Hello?" })),
    identify: refused((t) => t.identify(caller)),
    declareNoChange: refused((t) => t.declareNoChange(caller, "It is over.")),
    admit: refused((t) => t.admit(caller)),
    settle: refused((t) => t.settle({ call: "late", status: 200, inputTokens: 1, outputTokens: 1 })),
    containerStopped: refused((t) =>
      t.containerStopped(1, { running: false, exitCode: 0, reason: "exit 0" }),
    ),
    mayRun: refused((t) => t.mayRun(1)),
  };
};

const agentCalls = (town: string, charter: AgentCharter): Record<string, () => Promise<Outcome>> => {
  const refused = (ask: (stub: DurableObjectStub<Agent>) => Promise<unknown>) => async () =>
    kindOf((await ask(room.agent(town, charter.agent))) as Called);
  return {
    found: refused((a) => a.found(charter)),
    say: refused((a) => a.say({ id: "late", text: "Are you there?" })),
    transcript: refused((a) => a.transcript(null, FIRST_PAGE)),
    told: refused((a) => a.told({ kind: "begin", run: "r1", fence: 1, message: "m1" })),
    history: refused((a) => a.history()),
  };
};

/** What is told to, and asked of, the owner's room about a town that it knows to be gone. */
const ownerCalls = ({ town }: Remembered): Record<string, () => Promise<Outcome>> => {
  const taken = (ask: (stub: DurableObjectStub<User>) => Promise<unknown>) => async () =>
    kindOf((await ask(room.user("owner"))) as Called);
  return {
    locate: taken((u) => u.locate(town)),
    closeTown: taken((u) => u.closeTown(town, "once more")),
    noteReceipt: taken((u) => u.noteReceipt(town, stillbornReceipt(`Town ${town}`, "late", 1))),
    noteSummary: taken((u) =>
      u.noteSummary({
        id: town,
        name: "Lazarus",
        foundedAt: 1,
        container: "awake",
        working: 1,
        needsYou: true,
      }),
    ),
  };
};

const calls = (
  whose: string,
  named: Record<string, () => Promise<Outcome>>,
  wanted: Outcome = "gone",
): Late[] =>
  Object.entries(named).map(([method, send]) => ({ kind: "RPC", what: `${whose}.${method}`, wanted, send }));

/** Every method of every room, called by a stub. */
export const byStub = (remembered: Remembered): Late[] => {
  const { town, agentCharters } = remembered;
  const state = async (receipt: Promise<{ state: string }>): Promise<Outcome> => (await receipt).state;
  return [
    ...calls("Town", townCalls(remembered)),
    ...calls("Town", { destroy: () => state(room.town(town).destroy({ cause: "once more" })) }),
    ...calls("Town", { probe: async () => (await room.town(town).probe()).vital }, "dead"),
    ...calls(
      "Town",
      { charter: async () => ((await room.town(town).charter()) === null ? "none" : "some") },
      "none",
    ),
    ...calls("Town", { forget: () => room.town(town).forget(0) }, false),
    ...agentCharters.flatMap((charter) => {
      const name = charter.agent;
      return [
        ...calls(name, agentCalls(town, charter)),
        ...calls(name, { destroy: () => state(room.agent(town, name).destroy({ cause: "once more" })) }),
        ...calls(name, { probe: async () => (await room.agent(town, name).probe()).vital }, "dead"),
        ...calls(
          name,
          { charter: async () => ((await room.agent(town, name).charter()) === null ? "none" : "some") },
          "none",
        ),
        ...calls(name, { forget: () => room.agent(town, name).forget(0) }, false),
      ];
    }),
    ...calls("User", ownerCalls(remembered), "ok"),
  ];
};

/** The methods of `Room`, `Town` and `Agent` that {@link byStub} calls. */
export const CALLED: ReadonlySet<string> = new Set([
  ...Object.keys(townCalls({ turns: [] } as unknown as Remembered)),
  ...Object.keys(agentCalls("", {} as AgentCharter)),
  "destroy",
  "probe",
  "charter",
  "forget",
]);
