import { env } from "cloudflare:workers";
import { ask } from "../ask.ts";
import { room } from "../rooms.ts";
import type { Late, Outcome } from "./late.ts";
import type { Remembered } from "./remembered.ts";

const codeOf = async (response: Response): Promise<Outcome> => {
  const { webSocket } = response;
  if (!webSocket) return response.status;
  const { promise, resolve } = Promise.withResolvers<number>();
  webSocket.addEventListener("close", ({ code }) => resolve(code));
  webSocket.accept();
  return promise;
};

const socket = (path: string, token: string, whose: string): Late => ({
  kind: "socket",
  what: `${path} with ${whose} token`,
  wanted: 4410,
  send: async () =>
    codeOf(await ask(path, { headers: { upgrade: "websocket", authorization: `Bearer ${token}` } })),
});

/** A request that the Worker had let through when the room still lived. */
const inFlight = (
  what: string,
  path: string,
  wanted: number,
  open: (url: string) => Promise<Response>,
): Late => ({
  kind: "request in flight",
  what,
  wanted,
  send: async () => codeOf(await open(`http://localhost${path}`)),
});

/** Connections: as the Worker lets them in, and as it had let them in when the room still lived. */
export const overSockets = ({ town, agents, containerToken: container }: Remembered): Late[] => {
  const paths = [`/parties/town/${town}`, ...agents.map((name) => `/parties/agent/${town}.${name}`)];
  const peer = (role: object) => ({ upgrade: "websocket", "x-curfew-peer": JSON.stringify(role) });
  const viewer = { headers: peer({ role: "viewer" }) };
  const link = { headers: peer({ role: "container", life: 1 }) };
  return [
    ...paths.map((path) => socket(path, env.CURFEW_TOKEN, "the owner's")),
    ...paths.map((path) => socket(`${path}?after=3`, env.CURFEW_TOKEN, "the owner's")),
    ...paths.map((path) => socket(path, container, "the container's")),
    inFlight("a page to the town", "/", 4410, (url) => room.town(town).fetch(url, viewer)),
    inFlight("the container to the town", "/", 4410, (url) => room.town(town).fetch(url, link)),
    inFlight("a page to the mayor", "/", 4410, (url) => room.agent(town, "mayor").fetch(url, viewer)),
    inFlight("the container to the mayor", "/", 4410, (url) => room.agent(town, "mayor").fetch(url, link)),
    inFlight("no socket, to the town", "/", 410, (url) => room.town(town).fetch(url)),
    inFlight("no socket, to the mayor", "/", 410, (url) => room.agent(town, "mayor").fetch(url)),
  ];
};
