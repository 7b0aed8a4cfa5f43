import { env } from "cloudflare:workers";
import { mint } from "../../../src/auth/token.ts";
import type { AgentName } from "../../../src/protocol/primitives.ts";
import type { Answer } from "../../../src/protocol/problem.ts";
import type { AgentCharter } from "../../../src/rooms/agent.ts";
import type { TownCharter } from "../../../src/rooms/town.ts";
import { bootOf } from "../../../bench/rooms/machine.ts";
import { stillbornReceipt } from "../../support/stillborn.ts";
import { resultOf } from "../../../bench/rooms/control-server.ts";
import { room } from "../../rooms/rooms.ts";
import { rows } from "../../rooms/stored.ts";
import { command, type Command, type Draw } from "./command.ts";
import { difference, everything } from "./everything.ts";
import { must } from "./invariants.ts";
import { Look } from "./look.ts";
import { mayClose, type TownModel } from "./model.ts";
import { Page } from "./page.ts";
import type { World } from "./world.ts";

/** Something that comes too late. Returns what is wrong about how it was answered, or `null`. */
type Late = (town: TownModel, world: World, pick: number) => Promise<string | null>;

const isOver = ({ state }: TownModel): boolean => state === "closing" || state === "gone";

/** What a room that may be there no more says of itself. */
const kindOf = (answer: Answer<unknown>): string => (answer.ok ? "ok" : answer.problem.kind);

const one = <T>(of: readonly T[], pick: number): T | undefined => of[pick % of.length];

/** Orders whose life is over: whatever starts for them now starts for nobody. */
const lateOrders = ({ id, life, state }: TownModel, world: World) => {
  const { orders, machine } = world.place(id);
  return orders.filter((order) => state === "gone" || order.life < life || !machine.isRunning);
};

const foundAgain: Late = async ({ id, state }, world) => {
  const [mine] = await rows(room.user("owner"), `SELECT charter FROM towns WHERE id = '${id}'`);
  const old: TownCharter = {
    id: "old",
    issuedAt: 0,
    expiresAt: 1,
    town: id,
    owner: "owner",
    name: "Lazarus",
  };
  const charter = mine === undefined ? old : (JSON.parse(String(mine["charter"])) as TownCharter);
  const kind = kindOf(await world.direct(() => room.town(id).found(charter)));
  if (state === "open") return kind === "ok" ? null : `its own charter is ${kind}`;
  return kind === (state === "unborn" ? "conflict" : "gone") ? null : `an old charter is ${kind}`;
};

const agentFoundAgain: Late = async (town, world, pick) => {
  const [name, charter] = one([...town.agents], pick) ?? [];
  if (name === undefined || charter === undefined) return null;
  const { vital } = await Look.atAgent(town.id, name);
  const kind = kindOf(
    await world.direct(() => room.agent(town.id, name).found(JSON.parse(charter) as AgentCharter)),
  );
  return vital.state === "dead" && kind !== "gone" ? `${name} of old is founded: ${kind}` : null;
};

const stoppedAgain: Late = async ({ id, life, state }, world) => {
  const exit = { running: false, exitCode: 0, reason: "exit 0" } as const;
  const kind = kindOf(await world.direct(() => room.town(id).containerStopped(life - 1, exit)));
  const wanted = { unborn: "not-found", founding: kind, open: "ok", closing: "gone", gone: "gone" }[state];
  return kind === wanted ? null : `the end of an old life is ${kind}`;
};

const mayStillRun: Late = async ({ id, life }) => {
  const answer = await room.town(id).mayRun(life - 1);
  return answer.ok && answer.value ? "an old life may run" : null;
};

const orderedAgain: Late = async (town, world, pick) => {
  const late = one(lateOrders(town, world), pick);
  if (late === undefined || !world.containers.has(town.id)) return null;
  const given = { life: late.life, env: { CURFEW_LIFE: String(late.life) } };
  const answer = await world.direct(() => room.container(town.id).order(given, late.order));
  return answer.taken ? `life ${late.life}, which is over, takes an order` : null;
};

const haltedAgain: Late = async (town, world) => {
  if (!world.containers.has(town.id)) return null;
  await world.direct(() => room.container(town.id).halt(town.life - 1));
  await world.direct(() => room.container(town.id).kill(town.life - 1));
  return null;
};

/** Sockets that processes left half open when they were killed. */
const shouted: Late = async (town, world, pick) => {
  const { past, orders } = world.place(town.id);
  const { container } = await Look.atTown(town.id);
  const order = one(orders, pick)?.order;
  for (const { life, shout } of past.map((control) => ({
    life: control.life,
    shout: control.shout.bind(control),
  })))
    if (order !== undefined && (container.life !== life || container.state === "asleep"))
      shout({ type: "event", boot: bootOf(life), n: 1, event: resultOf(order) });
  return null;
};

const dialledAgain: Late = async (town, world) => {
  const { id, life } = town;
  const old = Math.max(1, life - 1);
  if (town.state === "open" && old === life) return null;
  const token = await mint(env.CURFEW_SECRET, { kind: "container", town: id, life: old });
  const page = await Page.open(`/parties/town/${id}`, token);
  await world.go(null);
  page.close();
  const isRight = town.state === "open" ? page.code === 4410 : mayClose(town.state, page.code);
  return isRight ? null : `a socket of life ${old} was closed with ${page.code}`;
};

/** A token of a process is worth what its live run is worth. */
const processAgain: Late = async (town, world, pick) => {
  const turns = world.place(town.id).orders.flatMap(({ order }) => (order.kind === "turn" ? [order] : []));
  const turn = one(turns, pick);
  if (turn === undefined) return null;
  const { agent, process } = turn;
  const runs = (await Look.atTown(town.id)).rows("runs");
  const isLive = runs.some((run) => run["process"] === process && run["state"] !== "ended");
  if (isLive) return null;
  const identified = await room.town(town.id).identify({ agent, process });
  const admitted = await room.town(town.id).admit({ agent, process });
  return identified.ok || admitted.ok ? `process ${process}, which has no run, is heard` : null;
};

const handedOverAgain: Late = async ({ id, messages, state }, world) => {
  const [message] = messages;
  if (message === undefined) return null;
  const mayor: AgentName = "mayor";
  const kind = kindOf(
    await world.direct(() => room.town(id).take({ agent: mayor, id: message, entry: 1, text: "Hello?" })),
  );
  return kind === (isOver({ state } as TownModel) ? "gone" : "ok") ? null : `an old message is ${kind}`;
};

const receiptAgain: Late = async (town, world) => {
  if (town.state !== "gone") return null;
  await world.direct(() =>
    room.user("owner").noteReceipt(town.id, stillbornReceipt(`Town ${town.id}`, "late", 1)),
  );
  const receipt = await world.direct(() => room.town(town.id).destroy({ cause: "once more" }));
  return JSON.stringify(receipt) === JSON.stringify(town.receipt) ? null : "R4: its receipt is another one";
};

const KINDS: Readonly<Record<string, Late>> = {
  foundAgain,
  agentFoundAgain,
  stoppedAgain,
  mayStillRun,
  orderedAgain,
  haltedAgain,
  shouted,
  dialledAgain,
  processAgain,
  handedOverAgain,
  receiptAgain,
};

export const LATE = Object.keys(KINDS);

/** A living town's own charter founds its mayor once more, which is written down. */
const REFOUNDING = new Set(["foundAgain", "agentFoundAgain"]);
const mayWrite = (kind: string, { state }: TownModel): boolean =>
  state === "founding" || (state === "open" && REFOUNDING.has(kind));

/** All late words that change nothing about a town as it is now. */
export const lateWords = (town: TownModel): string[] => LATE.filter((kind) => !mayWrite(kind, town));

/** Late words, when nothing else goes on: they are refused, and change nothing. */
export const sayLate = async (
  kinds: readonly string[],
  town: TownModel,
  world: World,
  pick: number,
): Promise<void> => {
  await world.quiet();
  const before = await everything(town, world);
  const said = `late, ${kinds.join(", ")}, to ${town.id}, which is ${town.state}`;
  for (const wrong of await Promise.all(kinds.map((kind) => KINDS[kind]?.(town, world, pick))))
    must(!wrong, `${said}: ${wrong}`, world);
  await world.go(null);
  const after = await everything(town, world);
  const isSame = after === before || kinds.some((kind) => mayWrite(kind, town));
  must(isSame, `${said}, changed ${difference(before, after)}`, world);
};

export const late = (draw: Draw, kind: string, pick: number): Command =>
  command(`late ${kind} ${pick}`, draw, async (town, world) => {
    await sayLate([kind], town, world, pick);
  });

/** A run that has ended is told of again, by the container that carried it out. */
export const stale = (draw: Draw, which: number): Command =>
  command(`stale run ${which}`, draw, async (town, world) => {
    await world.quiet();
    const { control, orders } = world.place(town.id);
    const looked = await Look.atTown(town.id);
    const ended = new Set(
      looked.rows("runs").flatMap((run) => (run["state"] === "ended" ? [run["number"]] : [])),
    );
    const order = one(
      orders.filter((one) => ended.has(one.order.fence)),
      which,
    )?.order;
    if (control === null || order === undefined) return;
    control.sayLate(order);
    await world.go(null);
    const after = await Look.atTown(town.id);
    for (const table of ["runs", "beads", "messages", "rigs", "agents", "branches"]) {
      const before = JSON.stringify(looked.rows(table));
      must(
        JSON.stringify(after.rows(table)) === before,
        `W1: run ${order.runId}, which is over, changed ${table}`,
        world,
      );
    }
  });

/** An end is ordered of a town that never was: a founding that was overtaken finds it. */
export const destroyUnborn = (draw: Draw): Command =>
  command(
    "destroy what never was",
    draw,
    async (town, world) => {
      const receipt = await world.direct(() => room.town(town.id).destroy({ cause: "overtaken" }));
      must(receipt.state === "gone", `R13: an unborn town is ${receipt.state}`, world);
      town.state = "closing";
      await world.go(null);
      const now = Date.now();
      const good: TownCharter = {
        id: "good",
        issuedAt: now,
        expiresAt: now + 60_000,
        town: town.id,
        owner: "owner",
        name: "Late",
      };
      const kind = kindOf(await world.direct(() => room.town(town.id).found(good)));
      must(kind === "gone", `R13: a founding that was overtaken is ${kind}`, world);
    },
    (town) => town.state === "unborn",
  );
