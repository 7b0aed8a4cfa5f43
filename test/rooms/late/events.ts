import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import type { AgentUp } from "../../../src/protocol/container/agent-up.ts";
import type { TownEvent, TownUp } from "../../../src/protocol/container/town-up.ts";
import type { AgentName } from "../../../src/protocol/primitives.ts";
import { PROTOCOL_VERSION } from "../../../src/protocol/version.ts";
import { COMMIT, ofRun } from "../played-container.ts";
import { room } from "../rooms.ts";
import type { Late } from "./late.ts";
import type { Remembered } from "./remembered.ts";

interface Entered {
  webSocketMessage(ws: WebSocket, message: string): Promise<void>;
  webSocketClose(ws: WebSocket, code: number, reason: string, wasClean: boolean): Promise<void>;
  webSocketError(ws: WebSocket, error: unknown): Promise<void>;
  alarm(): Promise<void>;
}

/** A container's socket as PartyServer knows its own: by what it attached to it. */
const containerSocket = (): WebSocket => {
  const [, socket] = Object.values(new WebSocketPair());
  if (socket === undefined) throw new Error("a pair has two ends");
  const tags = ["late", "container"];
  socket.serializeAttachment({
    __pk: { id: "late", tags, uri: "http://localhost/" },
    __user: { life: 1, openedAt: Date.now() },
  });
  return socket;
};

/** Enters a room as the runtime does for an event that was on its way when the room died. */
const enter = <Room extends Rpc.DurableObjectBranded>(
  stub: () => DurableObjectStub<Room>,
  kind: string,
  what: string,
  event: (entered: Entered, ws: WebSocket) => Promise<void>,
): Late => ({
  kind,
  what,
  wanted: null,
  send: () =>
    runInDurableObject(stub(), async (instance) => {
      await event(instance as unknown as Entered, containerSocket());
      return null;
    }),
});

/** What the container says with fences that were good, in frames that were on their way. */
export const containerEvents = ({ town, turns }: Remembered): Late[] => {
  const toTown = (n: number, event: TownEvent): TownUp => ({ type: "event", boot: "boot", n, event });
  const frames: { to: AgentName | null; frame: TownUp | AgentUp }[] = [
    {
      to: null,
      frame: {
        type: "hello",
        version: PROTOCOL_VERSION,
        boot: "boot",
        life: 1,
        runs: turns.map(ofRun),
      },
    },
  ];
  for (const [n, turn] of turns.entries()) {
    const { agent, process } = turn;
    const result = { outcome: "no-commit", summary: "" } as const;
    frames.push(
      { to: null, frame: toTown(100 + n, { type: "turned", ...ofRun(turn), agent, result }) },
      { to: null, frame: toTown(200 + n, { type: "intent", ...ofRun(turn), commit: COMMIT, onto: COMMIT }) },
      { to: null, frame: toTown(300 + n, { type: "process", agent, process, state: "down", reason: null }) },
      { to: agent, frame: { type: "hello", version: PROTOCOL_VERSION, boot: "boot", life: 1 } },
      {
        to: agent,
        frame: {
          type: "event",
          boot: "boot",
          n: n + 1,
          ...ofRun(turn),
          event: { type: "text", id: "late", append: "I am still here." },
        },
      },
    );
  }
  return frames.map(({ to, frame }) => {
    const text = JSON.stringify(frame);
    const event = (entered: Entered, ws: WebSocket) => entered.webSocketMessage(ws, text);
    return to === null
      ? enter(() => room.town(town), "container event", text, event)
      : enter(() => room.agent(town, to), "container event", `${to}: ${text}`, event);
  });
};

/** What the runtime itself hands to a room, alarms among it. */
export const runtimeEvents = ({ town, agents }: Remembered): Late[] => {
  const events: Record<string, (entered: Entered, ws: WebSocket) => Promise<void>> = {
    alarm: (entered) => entered.alarm(),
    "a page's frame": (entered, ws) => entered.webSocketMessage(ws, "ping"),
    "a close": (entered, ws) => entered.webSocketClose(ws, 1006, "", false),
    "an error": (entered, ws) => entered.webSocketError(ws, new Error("reset")),
  };
  const due = (what: string, ring: () => Promise<boolean>): Late => ({
    kind: "alarm",
    what,
    wanted: false,
    send: ring,
  });
  return [
    due("town", () => runDurableObjectAlarm(room.town(town))),
    ...agents.map((name) => due(name, () => runDurableObjectAlarm(room.agent(town, name)))),
    ...Object.entries(events).flatMap(([what, event]) => [
      enter(() => room.town(town), "runtime event", `town: ${what}`, event),
      ...agents.map((name) =>
        enter(() => room.agent(town, name), "runtime event", `${name}: ${what}`, event),
      ),
    ]),
  ];
};
