import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { OWNER } from "../../src/auth/owner.ts";
import { sessionCookie } from "../../src/auth/session.ts";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import { ask, call, foundTown } from "../rooms/ask.ts";
import { gone } from "../rooms/busy-town.ts";
import { containerToken, ordered } from "../rooms/played-container.ts";
import { room } from "../rooms/rooms.ts";
import { sling, townWithRig } from "../rooms/scenes.ts";
import { openSocket } from "../rooms/socket.ts";
import { stored } from "../rooms/stored.ts";

let town = "";
let token = "";

beforeAll(async () => {
  ({ town } = await townWithRig());
  await sling(town);
  ({ token } = await ordered(town, "turn"));
});

const rooms = (): string[] =>
  ["user/owner", `town/${town}`, `agent/${town}.mayor`].map((path) => `/parties/${path}`);

const closed = async (path: string, given: Parameters<typeof openSocket>[1]): Promise<number> =>
  (await (await openSocket(path, given)).closed).code;

describe("a socket", () => {
  it("begins with a snapshot that names the protocol's version", async () => {
    for (const path of rooms()) {
      const socket = await openSocket(path);
      expect(await socket.next()).toMatchObject({ type: "snapshot", version: PROTOCOL_VERSION, since: null });
      socket.close();
    }
  });

  it("A6: of a page of another version is closed with 4426, and the page reloads", async () => {
    for (const path of rooms()) {
      for (const other of [PROTOCOL_VERSION - 1, PROTOCOL_VERSION + 1, "x", ""])
        expect(await closed(`${path}?version=${other}`, {})).toBe(CloseCode.tooOld);
      const own = await openSocket(`${path}?version=${PROTOCOL_VERSION}&after=0`);
      expect(await own.next()).toMatchObject({ type: "snapshot" });
      own.close();
    }
  });

  it("A1: is closed with 4401 for who can't say who they are, and for an agent's process", async () => {
    for (const path of rooms())
      for (const bad of ["wrong", token, null])
        expect(await closed(path, { token: bad })).toBe(CloseCode.whoAreYou);
  });

  it("A2: is closed with 4403 when the page of another origin opens it with the cookie", async () => {
    const url = new URL("http://localhost/");
    const cookie = (await sessionCookie(env, OWNER, url, Date.now())).split(";")[0] ?? "";
    for (const path of rooms()) {
      for (const origin of [undefined, "http://localhost:8080", "null"]) {
        const headers = { cookie, ...(origin !== undefined && { origin }) };
        expect(await closed(path, { token: null, headers })).toBe(CloseCode.wrongOrigin);
      }
      const own = await openSocket(path, { token: null, headers: { cookie, origin: "http://localhost" } });
      expect(await own.next()).toMatchObject({ type: "snapshot" });
      own.close();
    }
  });

  it("R5: is closed with 4404 where there never was a room, or one of somebody else", async () => {
    const nowhere = `t${"q".repeat(20)}`;
    for (const path of [
      `town/${nowhere}`,
      `agent/${nowhere}.mayor`,
      `agent/${town}.polecat-9`,
      "user/somebody",
    ])
      expect(await closed(`/parties/${path}`, {})).toBe(CloseCode.notFound);
    expect(await room.town(nowhere).probe()).toMatchObject({ vital: "unborn", keys: [] });
    expect(await room.agent(town, "polecat-9").probe()).toMatchObject({ vital: "unborn", keys: [] });
  });

  it("A1: of a container reaches its own town and that town's agents, and nothing else", async () => {
    const other = await foundTown();
    const mine = { token: await containerToken(town, 1) };
    for (const path of ["user/owner", `town/${other}`, `agent/${other}.mayor`])
      expect(await closed(`/parties/${path}`, mine)).toBe(CloseCode.notFound);
  });

  it("R6: is closed with 4410 once the town is gone", async () => {
    const dead = await foundTown();
    await call("DELETE", `/api/towns/${dead}`);
    await gone(dead);
    for (const path of [`town/${dead}`, `agent/${dead}.mayor`])
      expect(await closed(`/parties/${path}`, {})).toBe(CloseCode.gone);
    expect(await closed(`/parties/town/${dead}`, { token: await containerToken(dead, 1) })).toBe(
      CloseCode.gone,
    );
  });

  it("A5: of a page that says anything is closed with 4400, and nothing is changed", async () => {
    for (const path of rooms()) {
      const before = await stored(room.town(town));
      const socket = await openSocket(path);
      socket.send({ type: "hello", version: PROTOCOL_VERSION, boot: "page", life: 1, runs: [] });
      expect(await socket.closed).toMatchObject({ code: CloseCode.badMessage });
      expect(await stored(room.town(town))).toEqual(before);
    }
  });

  it("A5, M5: is resumed only by a whole number: any other ?after= begins anew", async () => {
    for (const after of ["x", "-1", "1.5", "1e99", ""]) {
      const socket = await openSocket(`/parties/town/${town}?after=${after}`);
      expect(await socket.next()).toMatchObject({ type: "snapshot", since: null });
      socket.close();
    }
    const resumed = await openSocket(`/parties/town/${town}?after=1`);
    expect(await resumed.next()).toMatchObject({ type: "snapshot", since: 1 });
    const ahead = await openSocket(`/parties/town/${town}?after=999999`);
    expect(await ahead.next()).toMatchObject({ type: "snapshot", since: null });
  });
});

describe("what a client says of itself", () => {
  it("A2: has no effect: no header and no `_pk` makes a page a container, or gives it another room", async () => {
    const peer = JSON.stringify({ role: "container", life: 1 });
    const other = await foundTown("Another");
    const headers = {
      "x-curfew-peer": peer,
      "X-Partykit-Room": other,
      "x-partykit-namespace": "town-container",
      "x-partykit-props": "e30=",
      "cf-container-target-port": "22",
    };
    const before = await stored(room.town(town));
    const socket = await openSocket(`/parties/town/${town}?_pk=container`, { headers });
    expect(await socket.next()).toMatchObject({ type: "snapshot", town: { id: town } });
    socket.send({ type: "hello", version: PROTOCOL_VERSION, boot: "page", life: 1, runs: [] });
    expect(await socket.closed).toMatchObject({ code: CloseCode.badMessage });
    expect(await stored(room.town(town))).toEqual(before);
  });

  it("A2: two pages with the same `_pk` are two connections, and neither hears what is the container's", async () => {
    const path = `/parties/town/${town}?_pk=container`;
    const pages = [await openSocket(path), await openSocket(path)];
    await call("PATCH", `/api/towns/${town}`, { name: "Oak" });
    for (const page of pages) {
      expect(await page.next()).toMatchObject({ type: "snapshot" });
      expect(await page.next()).toMatchObject({ type: "delta", town: { name: "Oak" } });
      page.close();
    }
  });
});

describe("what is no socket", () => {
  it.for([
    "/parties/town-container/TOWN",
    "/parties/TownContainer/TOWN",
    "/parties/towncontainer/TOWN",
    "/parties/ledger/TOWN",
    "/parties/main/TOWN",
    "/parties/Town/TOWN",
    "/parties/town",
    "/parties/",
  ])("A1: %s leads nowhere", async (path) => {
    for (const init of [{}, { headers: { upgrade: "websocket" } }]) {
      const response = await ask(path.replace("TOWN", town), init);
      expect(response.status).toBe(404);
      expect(response.webSocket).toBeNull();
    }
  });

  it("A1: a plain request to a room is a 404 before any room is asked", async () => {
    for (const path of rooms())
      for (const method of ["GET", "POST"]) expect((await ask(path, { method })).status).toBe(404);
  });
});
