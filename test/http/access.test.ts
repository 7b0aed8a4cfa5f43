import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { OWNER } from "../../src/auth/owner.ts";
import { sessionCookie } from "../../src/auth/session.ts";
import { mint } from "../../src/auth/token.ts";
import { ordered, containerToken } from "../rooms/played-container.ts";
import { room } from "../rooms/rooms.ts";
import { hasTold, sling, townWithRig } from "../rooms/scenes.ts";
import { stored } from "../rooms/stored.ts";

const ORIGIN = "http://localhost";

/** A1: every room is reached only after a check of who asks. */
let town = "";
/** A polecat at work, by its own token. */
let agentToken = "";

beforeAll(async () => {
  ({ town } = await townWithRig());
  await sling(town);
  agentToken = (await ordered(town, "turn")).token;
  await hasTold(town);
});

/** Every route of the API but `health`, which is for anybody. */
const routes = (): (readonly [string, string])[] =>
  [
    ["GET", "/api/me"],
    ["DELETE", "/api/me"],
    ["GET", "/api/towns"],
    ["POST", "/api/towns"],
    ["GET", "/api/towns/TOWN"],
    ["PATCH", "/api/towns/TOWN"],
    ["DELETE", "/api/towns/TOWN"],
    ["GET", "/api/towns/TOWN/receipt"],
    ["GET", "/api/towns/TOWN/rigs"],
    ["POST", "/api/towns/TOWN/rigs"],
    ["DELETE", "/api/towns/TOWN/rigs/repo"],
    ["GET", "/api/towns/TOWN/beads"],
    ["POST", "/api/towns/TOWN/beads"],
    ["GET", "/api/towns/TOWN/beads/b1"],
    ["POST", "/api/towns/TOWN/beads/b1/cancel"],
    ["POST", "/api/towns/TOWN/beads/b1/retry"],
    ["GET", "/api/towns/TOWN/beads/b1/diff"],
    ["GET", "/api/towns/TOWN/beads/b1/gates"],
    ["GET", "/api/towns/TOWN/beads/b1/runs"],
    ["GET", "/api/towns/TOWN/agents"],
    ["GET", "/api/towns/TOWN/agents/mayor"],
    ["GET", "/api/towns/TOWN/agents/mayor/transcript"],
    ["GET", "/api/towns/TOWN/activity"],
    ["POST", "/api/towns/TOWN/mayor/messages"],
    ["GET", "/api/towns/TOWN/mayor/messages"],
    ["POST", "/api/towns/TOWN/mayor/cancel"],
    ["POST", "/api/admin/sweep"],
    ["POST", "/api/admin/orphans"],
    ["GET", "/api/admin/rooms/Town/TOWN"],
    ["GET", "/api/nothing"],
  ].map(([method = "", path = ""]) => [method, path.replace("TOWN", town)] as const);

const send = (method: string, path: string, headers: Record<string, string>): Promise<Response> =>
  exports.default.fetch(`${ORIGIN}${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(method === "POST" && { body: JSON.stringify({ name: "Elm", id: "m1", text: "Hello" }) }),
  });

const cookie = async (): Promise<string> =>
  (await sessionCookie(env, OWNER, new URL(`${ORIGIN}/`), Date.now())).split(";")[0] ?? "";

/** Sends every request, with nothing changed by any of them. @returns the statuses that were seen */
const statuses = async (headers: Record<string, string>): Promise<number[]> => {
  const before = await Promise.all([stored(room.user(OWNER)), stored(room.town(town))]);
  const seen = new Set<number>();
  for (const [method, path] of routes()) {
    const response = await send(method, path, headers);
    seen.add(response.status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    await response.text();
  }
  expect(await Promise.all([stored(room.user(OWNER)), stored(room.town(town))])).toEqual(before);
  return [...seen];
};

describe("who may call", () => {
  it("A1: nobody without a token, or with one that is none: 401, and nothing is changed", async () => {
    expect(await statuses({})).toEqual([401]);
    for (const authorization of [
      "Bearer",
      "Bearer nonsense",
      "Basic b3duZXI6",
      `Bearer ${env.CURFEW_TOKEN}x`,
    ])
      expect(await statuses({ authorization })).toEqual([401]);
    expect(await statuses({ cookie: "curfew_80=owner.1.AAAA" })).toEqual([401]);
  });

  it("A1: no agent and no container: what is for people is a 403 for processes", async () => {
    for (const token of [agentToken, await containerToken(town, 1)])
      expect(await statuses({ authorization: `Bearer ${token}` })).toEqual([403]);
  });

  it("A1: no token that another secret signed, and none whose claims are not ours", async () => {
    const forged = await mint("another-secret", { kind: "container", town, life: 1 });
    const strange = await mint(env.CURFEW_SECRET, { kind: "owner" } as never);
    for (const token of [forged, strange])
      expect(await statuses({ authorization: `Bearer ${token}` })).toEqual([401]);
  });

  it("A2: a cookie that another origin's page sent: 403 where it would change something", async () => {
    const headers = { cookie: await cookie(), "x-curfew": "1" };
    for (const [method, path] of routes()) {
      const foreign = await send(method, path, { ...headers, origin: "http://localhost:8080" });
      expect([method, path, foreign.status]).toEqual([method, path, 403]);
    }
    for (const [method, path] of routes().filter(([method]) => method !== "GET")) {
      for (const missing of [{ cookie: headers.cookie, origin: ORIGIN }, headers])
        expect((await send(method, path, missing)).status).toBe(403);
    }
  });

  it("the page itself, with its cookie: what it reads and what it changes", async () => {
    const headers = { cookie: await cookie() };
    expect((await send("GET", "/api/towns", headers)).status).toBe(200);
    const changes = { ...headers, origin: ORIGIN, "x-curfew": "1" };
    expect((await send("POST", `/api/towns/${town}/mayor/messages`, changes)).status).toBe(400);
    expect((await send("POST", "/api/admin/sweep", changes)).status).toBe(200);
  });

  it("anybody may ask whether the instance is well", async () => {
    expect((await send("GET", "/api/health", {})).status).toBe(200);
  });

  it("another header decides nothing when there is an authorization: a wrong token is not mended by a cookie", async () => {
    const headers = {
      authorization: "Bearer wrong",
      cookie: await cookie(),
      origin: ORIGIN,
      "x-curfew": "1",
    };
    expect((await send("GET", "/api/towns", headers)).status).toBe(401);
  });
});
