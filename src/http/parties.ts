import { routePartykitRequest } from "partyserver";
import { identifyRequest, type Identity } from "../auth/bearer.ts";
import { enter } from "../auth/enter.ts";
import type { Env } from "../env.ts";
import { rooms } from "../rooms/rooms.ts";
import { CloseCode } from "../protocol/close-codes.ts";
import { problem, Refusal, type Problem } from "../protocol/problem.ts";
import { isSpoken } from "../protocol/version.ts";
import { foundUser } from "./context.ts";
import { problemResponse } from "../refusals/problem-response.ts";
import { refuseSocket } from "../refusals/refuse-socket.ts";

/** The classes that have sockets. Every other binding is unreachable from outside, the container's too. */
const PARTIES: ReadonlySet<string> = new Set(["User", "Town", "Agent"]);
const PEER = "x-curfew-peer";
/** A close's reason has room for 123 bytes. */
const REASON_MAX = 120;

type Verdict = { readonly peer: object } | { readonly close: CloseCode; readonly reason: string };

const refuse = (close: CloseCode, reason: string): Verdict => ({ close, reason });

/** What is gone, or never was, stays so; anything else may pass, and what can't be had says why. */
const closeAs = ({ kind, detail }: Problem): Verdict => {
  switch (kind) {
    case "gone":
      return refuse(CloseCode.gone, "gone");
    case "not-found":
      return refuse(CloseCode.notFound, "never existed or not yours");
    case "unavailable":
      return refuse(CloseCode.tryAgain, detail.slice(0, REASON_MAX));
    default:
      return refuse(CloseCode.tryAgain, "try again");
  }
};

/** May this identity open a socket to this room, and as what? Asks only the owner's room. */
const judge = async (identity: Identity, env: Env, className: string, name: string): Promise<Verdict> => {
  const town = name.split(".")[0] ?? "";
  switch (identity.kind) {
    case "nobody":
      return identity.problem.kind === "forbidden"
        ? refuse(CloseCode.wrongOrigin, "wrong origin")
        : refuse(CloseCode.whoAreYou, "who are you");
    case "agent":
      return refuse(CloseCode.whoAreYou, "agents have no sockets of their own");
    case "container":
      return className !== "User" && identity.town === town
        ? { peer: { role: "container", life: identity.life } }
        : refuse(CloseCode.notFound, "not yours");
    case "owner": {
      try {
        await foundUser(env, identity.user);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return closeAs(error.problem);
      }
      if (className === "User")
        return name === identity.user
          ? { peer: { role: "viewer" } }
          : refuse(CloseCode.notFound, "not yours");
      const problem = await enter(rooms(env).user(identity.user), town);
      return problem === null ? { peer: { role: "viewer" } } : closeAs(problem);
    }
  }
};

/** Whether a page says that it is of a version that isn't spoken; other clients say nothing of it. */
const isOldPage = (request: Request): boolean => {
  const version = new URL(request.url).searchParams.get("version");
  return version !== null && !isSpoken("page", Number(version));
};

/** What only the Worker may say to a room: a client's own such headers and its `_pk` are dropped. */
const cleaned = (request: Request, peer: object): Request => {
  const url = new URL(request.url);
  url.searchParams.delete("_pk");
  const clean = new Request(url, request);
  for (const header of Array.from(clean.headers.keys()))
    if (/^(x-partykit-|x-curfew-|cf-container-)/i.test(header)) clean.headers.delete(header);
  clean.headers.delete("cookie");
  clean.headers.delete("authorization");
  clean.headers.set(PEER, JSON.stringify(peer));
  return clean;
};

const notFound = () => problemResponse(problem("not-found", "There is no such socket."));

/** `/parties/:party/:room`: sockets only, and only after a check of who asks. */
export const routeParties = async (request: Request, env: Env): Promise<Response> => {
  const party = new URL(request.url).pathname.split("/")[2] ?? "";
  if (!["user", "town", "agent"].includes(party)) return notFound();
  const routed = await routePartykitRequest(request, env as never, {
    routingRetry: false,
    onBeforeRequest: () => notFound(),
    onBeforeConnect: async (incoming, lobby) => {
      if (!PARTIES.has(lobby.className)) return notFound();
      const identity = await identifyRequest(request, env);
      const verdict =
        identity.kind === "owner" && isOldPage(request)
          ? refuse(CloseCode.tooOld, "This page is of another version of Curfew: reload it.")
          : await judge(identity, env, lobby.className, lobby.name);
      return "peer" in verdict
        ? cleaned(incoming, verdict.peer)
        : refuseSocket(verdict.close, verdict.reason);
    },
  });
  return routed ?? notFound();
};
