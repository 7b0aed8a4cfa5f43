import { describe, expect, it } from "vitest";
import { identifyRequest } from "../../src/auth/bearer.ts";
import { SESSION_MS, sessionCookie } from "../../src/auth/session.ts";
import { type Claims, mint } from "../../src/auth/token.ts";

const ENV = { CURFEW_TOKEN: "the-owner's-token", CURFEW_SECRET: "the secret" };
const PAGE = "http://localhost:8787";
const NOW = 1_790_000_000_000;
const owner = { kind: "owner", user: "owner" };

const nobody = (kind: string) => ({ kind: "nobody", problem: expect.objectContaining({ kind }) });

/** What a browser sends after it was signed in at `url`. */
const signedIn = async (url = PAGE, env = ENV, at = NOW): Promise<string> => {
  const cookie = await sessionCookie(env, "owner", new URL(url), at);
  return cookie.split(";")[0] ?? "";
};

const ask = (headers: Record<string, string>, method = "GET", url = `${PAGE}/api/towns`) =>
  identifyRequest(new Request(url, { method, headers }), ENV, NOW);

describe("a bearer token", () => {
  it("of the owner is the owner", async () => {
    expect(await ask({ authorization: `Bearer ${ENV.CURFEW_TOKEN}` })).toEqual(owner);
    expect(await ask({ authorization: `bearer  ${ENV.CURFEW_TOKEN} ` }, "POST")).toEqual(owner);
  });

  it("of a process is that process", async () => {
    const claims: Claims = { kind: "container", town: `t${"b".repeat(20)}`, life: 1 };
    const token = await mint(ENV.CURFEW_SECRET, claims);
    expect(await ask({ authorization: `Bearer ${token}` })).toEqual(claims);
  });

  it.each(["Bearer wrong", "Bearer", "Bearer ", "Basic b3duZXI6eA==", "", "the-owner's-token"])(
    "that is not one is nobody: %j",
    async (authorization) => {
      expect(await ask({ authorization })).toEqual(nobody("who-are-you"));
    },
  );

  it.each(["Bearer wrong", "Basic b3duZXI6eA=="])(
    "that is wrong is not made good by a cookie: %j",
    async (authorization) => {
      expect(await ask({ authorization, cookie: await signedIn() })).toEqual(nobody("who-are-you"));
    },
  );

  it("is never right where no owner's token is set", async () => {
    const env = { ...ENV, CURFEW_TOKEN: "" };
    const request = new Request(PAGE, { headers: { authorization: "Bearer " } });
    expect(await identifyRequest(request, env, NOW)).toEqual(nobody("who-are-you"));
  });
});

describe("a session", () => {
  it("is the owner when the page reads", async () => {
    expect(await ask({ cookie: await signedIn() })).toEqual(owner);
  });

  it("lasts 30 days", async () => {
    expect(await ask({ cookie: await signedIn(PAGE, ENV, NOW - SESSION_MS + 1) })).toEqual(owner);
    expect(await ask({ cookie: await signedIn(PAGE, ENV, NOW - SESSION_MS) })).toEqual(nobody("who-are-you"));
  });

  it.each(["CURFEW_TOKEN", "CURFEW_SECRET"] as const)("ends when %s changes", async (name) => {
    const before = await signedIn(PAGE, { ...ENV, [name]: "as it was before" });
    expect(await ask({ cookie: before })).toEqual(nobody("who-are-you"));
  });

  it("of an instance is none of the instance beside it, on another port", async () => {
    const both = `${await signedIn("http://localhost:8788", { ...ENV, CURFEW_SECRET: "its own" })}; ${await signedIn()}`;
    expect(await ask({ cookie: both })).toEqual(owner);
    const other = (await signedIn()).replace("curfew_8787", "curfew_8788");
    expect(await ask({ cookie: other })).toEqual(nobody("who-are-you"));
  });

  it("can't be changed", async () => {
    const cookie = await signedIn();
    expect(await ask({ cookie: cookie.replace("owner", "other") })).toEqual(nobody("who-are-you"));
    expect(await ask({ cookie: cookie.replace(`${NOW}`, `${NOW + 1}`) })).toEqual(nobody("who-are-you"));
    expect(await ask({ cookie: cookie.slice(0, -8) })).toEqual(nobody("who-are-you"));
    expect(await ask({ cookie: `curfew_8787=owner.${NOW}` })).toEqual(nobody("who-are-you"));
    expect(await ask({ cookie: "curfew_8787=" })).toEqual(nobody("who-are-you"));
  });
});

describe("a cookie that changes something", () => {
  const own = { origin: PAGE, "x-curfew": "1" };

  it.each(["POST", "PATCH", "DELETE", "PUT"])("counts for a %s of our own page", async (method) => {
    expect(await ask({ cookie: await signedIn(), ...own }, method)).toEqual(owner);
  });

  it.each([
    ["no origin", { "x-curfew": "1" }],
    ["a form's header", { origin: PAGE }],
    ["another port, which is the same site", { ...own, origin: "http://localhost:3000" }],
    ["another scheme", { ...own, origin: "https://localhost:8787" }],
    ["a name that begins alike", { ...own, origin: "http://localhost:8787.example.com" }],
    ["an opaque origin", { ...own, origin: "null" }],
  ])("is refused with %s", async (_, headers) => {
    expect(await ask({ cookie: await signedIn(), ...headers }, "POST")).toEqual(nobody("forbidden"));
  });

  it("is refused to a page elsewhere that only reads", async () => {
    const headers = { cookie: await signedIn(), origin: "http://localhost:3000" };
    expect(await ask(headers)).toEqual(nobody("forbidden"));
  });

  it("opens a WebSocket only from our own page", async () => {
    const socket = { cookie: await signedIn(), upgrade: "WebSocket", connection: "Upgrade" };
    expect(await ask({ ...socket, origin: PAGE })).toEqual(owner);
    expect(await ask({ ...socket, origin: "http://localhost:3000" })).toEqual(nobody("forbidden"));
    expect(await ask(socket)).toEqual(nobody("forbidden"));
  });
});
