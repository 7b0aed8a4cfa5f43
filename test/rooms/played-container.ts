import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { mint } from "../../src/auth/token.ts";
import type { AgentEvent, AgentUp } from "../../src/protocol/container/agent-up.ts";
import type { RunOrder } from "../../src/protocol/container/order.ts";
import type { TownDown, TownEvent, TownUp } from "../../src/protocol/container/town-up.ts";
import type { AgentName } from "../../src/protocol/primitives.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import { room } from "./rooms.ts";
import { openSocket, type Socket } from "./socket.ts";
import { soon } from "./soon.ts";

type Order<K extends RunOrder["kind"]> = Extract<RunOrder, { kind: K }>;
type OfRun = Pick<RunOrder, "runId" | "fence">;

export const ofRun = ({ runId, fence }: OfRun): OfRun => ({ runId, fence });

export const COMMIT = "a".repeat(40);
export const BASE = "b".repeat(40);

/** How a test plays the control server of a life of a town's container. */
export interface PlayedContainer {
  /** Its socket to the Town, as long as it is the present one. */
  readonly socket: Socket;
  /** Tells one event and waits until the Town has it. */
  tell(event: TownEvent): Promise<void>;
  /** Sends a frame as it is. */
  send(frame: TownUp): void;
}

/** The bearer token that a life of a town's container is started with. */
export const containerToken = (town: string, life: number): Promise<string> =>
  mint(env.CURFEW_SECRET, { kind: "container", town, life });

/** Every order of a kind that the container's object has taken. */
export const ordersOf = <K extends RunOrder["kind"]>(town: string, kind: K): Promise<Order<K>[]> =>
  runInDurableObject(room.container(town), ({ orders }) =>
    orders.filter((order): order is Order<K> => order.kind === kind),
  );

/** Waits for the order number `n` (from 1) of a kind. */
export const ordered = <K extends RunOrder["kind"]>(town: string, kind: K, n = 1): Promise<Order<K>> =>
  soon(async () => {
    const order = (await ordersOf(town, kind))[n - 1];
    if (order === undefined) throw new Error(`no ${kind} number ${n} was ordered`);
    return order;
  });

/** Dials the Town as `life`, says hello, and waits for the welcome. */
export const dial = async (
  town: string,
  { life = 1, boot = "boot", runs = [] as OfRun[], n = 0 } = {},
): Promise<PlayedContainer> => {
  const socket = await openSocket(`/parties/town/${town}`, { token: await containerToken(town, life) });
  socket.send({ type: "hello", version: PROTOCOL_VERSION, boot, life, runs } satisfies TownUp);
  await socket.until<TownDown>((frame) => frame.type === "welcome");
  let told = n;
  return {
    socket,
    send: (frame) => socket.send(frame),
    tell: async (event) => {
      const mine = (told += 1);
      socket.send({ type: "event", boot, n: mine, event } satisfies TownUp);
      await socket.until<TownDown>((frame) => frame.type === "ack" && frame.n === mine);
    },
  };
};

/** Dials an agent's room as the container and waits for the welcome; events are numbered from 1. */
export const dialAgent = async (
  town: string,
  agent: AgentName,
  { life = 1, boot = "boot" } = {},
): Promise<{ readonly socket: Socket; tell(run: OfRun, event: AgentEvent): Promise<void> }> => {
  const token = await containerToken(town, life);
  const socket = await openSocket(`/parties/agent/${town}.${agent}`, { token });
  socket.send({ type: "hello", version: PROTOCOL_VERSION, boot, life } satisfies AgentUp);
  await socket.until<{ type: string }>((frame) => frame.type === "welcome");
  let told = 0;
  return {
    socket,
    tell: async (run, event) => {
      const mine = (told += 1);
      socket.send({ type: "event", boot, n: mine, ...ofRun(run), event } satisfies AgentUp);
      await socket.until<{ type: string; n: number }>((frame) => frame.type === "ack" && frame.n === mine);
    },
  };
};
