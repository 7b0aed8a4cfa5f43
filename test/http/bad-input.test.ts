import { beforeAll, describe, expect, it } from "vitest";
import * as v from "valibot";
import { Problem } from "../../src/protocol/problem.ts";
import { ask, call } from "../rooms/ask.ts";
import { room } from "../rooms/rooms.ts";
import { sling, townWithRig } from "../rooms/scenes.ts";
import { soon } from "../rooms/soon.ts";
import { stored } from "../rooms/stored.ts";

let town = "";

beforeAll(async () => {
  ({ town } = await townWithRig());
  await sling(town);
  await soon(async () => {
    const tables = (await stored(room.town(town))).tables;
    expect(tables["beads"]).toMatchObject([{ status: "in_progress" }]);
    expect(tables["outbox"]).toEqual([]);
  });
});

const everything = () =>
  Promise.all([
    stored(room.user("owner")),
    stored(room.town(town)),
    stored(room.agent(town, "mayor")),
    stored(room.agent(town, "polecat-1")),
  ]);

/** Sends it and expects a problem, as RFC 9457 wants it, with no word of our insides. */
const refused = async (method: string, path: string, init: RequestInit): Promise<Problem> => {
  const before = await everything();
  const response = await ask(path.replace("TOWN", town), { method, ...init });
  const text = await response.text();
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(text).not.toMatch(/\.ts\b|\.js\b|\n\s+at |stack|SQLITE|node_modules/);
  const problem = v.parse(Problem, JSON.parse(text));
  expect(problem.status).toBe(response.status);
  expect(problem.detail.length).toBeGreaterThan(5);
  expect(await everything()).toEqual(before);
  return problem;
};

const ROUTES = {
  found: ["POST", "/api/towns"],
  configure: ["PATCH", "/api/towns/TOWN"],
  rig: ["POST", "/api/towns/TOWN/rigs"],
  bead: ["POST", "/api/towns/TOWN/beads"],
  message: ["POST", "/api/towns/TOWN/mayor/messages"],
} as const;

const RIG = { name: "other", gitUrl: "https://git.example/other.git" };
const BEAD = { rig: "repo", title: "Say hello" };
const MODEL = { baseUrl: "https://model.example/v1", model: "m" };

describe("A5: a name that can't be read as it is", () => {
  const UNSEEN = {
    NUL: "\0",
    "an escape": "\x1b[31m",
    "a line feed": "\n",
    "a tab": "\t",
    DEL: "\x7f",
    "a control of eight bits": "\x9b",
    "a line separator": "\u2028",
    "a turn of direction": "\u202e",
    "an isolate": "\u2066",
    "half a character": "\ud800",
  };
  const NAMES = {
    "a town": (name) => ["found", { name }],
    "a renamed town": (name) => ["configure", { name }],
    "a model": (model) => ["configure", { model: { ...MODEL, model } }],
    "a model's address": (at) => ["configure", { model: { ...MODEL, baseUrl: `https://${at}` } }],
    "a branch": (branch) => ["rig", { ...RIG, branch }],
    "a repository": (path) => ["rig", { ...RIG, gitUrl: `/srv/${path}` }],
    "a bead's key": (key) => ["bead", { ...BEAD, key }],
  } satisfies Record<string, (name: string) => [keyof typeof ROUTES, object]>;

  it.for(Object.entries(NAMES))("is not the name of %s", async ([, order]) => {
    for (const [what, character] of Object.entries(UNSEEN)) {
      const [route, body] = order(`El${character}m`);
      const [method, path] = ROUTES[route];
      const problem = await refused(method, path, { body: JSON.stringify(body) });
      expect([what, problem.kind]).toEqual([what, "bad-request"]);
    }
  });

  it.for<[string, (text: string) => [keyof typeof ROUTES, object]]>([
    ["a gate", (gate) => ["rig", { ...RIG, gates: [gate] }]],
    ["a command", (word) => ["configure", { runtime: ["agent", word] }]],
  ])("is not part of %s, but for line feeds and tabs", async ([, order]) => {
    for (const character of ["\0", "\x1b", "\x7f", "\u202e"]) {
      const [route, body] = order(`np${character}m`);
      const [method, path] = ROUTES[route];
      await refused(method, path, { body: JSON.stringify(body) });
    }
  });

  it("is not one of which nothing is to be seen", async () => {
    for (const name of ["\u200b", "\u2060\ufe0f", "\u3164 \u2800", "\u00ad"])
      expect(await refused("POST", "/api/towns", { body: JSON.stringify({ name }) })).toMatchObject({
        kind: "bad-request",
      });
  });
});

describe("A5: a body that does not fit", () => {
  it.for<[keyof typeof ROUTES, unknown, string]>([
    ["found", { name: "" }, "name: must not be empty"],
    ["found", { name: "  \n " }, "name: must not be empty"],
    ["found", { name: "x".repeat(81) }, "name: has at most 80"],
    ["found", { name: 7 }, "name:"],
    ["found", {}, "name:"],
    ["found", { name: "Elm", owner: "me" }, "owner"],
    ["found", [], "Expected"],
    ["found", null, "Expected"],
    ["configure", { name: "" }, "name: must not be empty"],
    ["configure", { sleepAfter: "soon" }, "sleepAfter: is a duration"],
    ["configure", { sleepAfter: "0s" }, "sleepAfter: lies between 1s and 30d"],
    ["configure", { sleepAfter: 30 }, "sleepAfter:"],
    ["configure", { caps: { polecats: 0 } }, "caps.polecats:"],
    ["configure", { caps: { polecats: 1.5 } }, "caps.polecats:"],
    ["configure", { caps: { tokens: -1 } }, "caps.tokens:"],
    ["configure", { runtime: "vim" }, "runtime:"],
    ["configure", { runtime: [] }, "runtime:"],
    [
      "configure",
      { model: { ...MODEL, baseUrl: "file:///etc/passwd" } },
      "model.baseUrl: must be an http(s) URL",
    ],
    ["configure", { model: { ...MODEL, key: "a\r\nb" } }, "model.key: is one line"],
    ["rig", { ...RIG, name: "Bad Name" }, "name: a rig's name"],
    ["rig", { ...RIG, gitUrl: "" }, "gitUrl: must not be empty"],
    ["rig", { ...RIG, gitUrl: "ext::sh -c id" }, "gitUrl:"],
    [
      "rig",
      { ...RIG, gitUrl: "https://user:secret@git.example/x" },
      "gitUrl: must not contain a user or password",
    ],
    ["rig", { ...RIG, branch: "--upload-pack=id" }, "branch: not a branch name"],
    ["rig", { ...RIG, gates: "npm test" }, "gates:"],
    ["rig", { ...RIG, gates: [""] }, "gates.0:"],
    ["rig", { ...RIG, credential: { kind: "password" } }, "credential.kind:"],
    [
      "rig",
      { ...RIG, credential: { kind: "ssh", privateKey: "k" } },
      "credential: an ssh key goes with an ssh URL",
    ],
    ["rig", { name: "other" }, "gitUrl:"],
    ["bead", { ...BEAD, title: "" }, "title: must not be empty"],
    ["bead", { ...BEAD, title: " \t" }, "title: must not be empty"],
    ["bead", { ...BEAD, title: "x".repeat(201) }, "title:"],
    ["bead", { ...BEAD, body: 1 }, "body:"],
    ["bead", { ...BEAD, body: "x".repeat(100_001) }, "body: has at most 100,000 characters"],
    ["bead", { ...BEAD, key: "" }, "key:"],
    ["bead", { ...BEAD, status: "closed" }, "status"],
    ["bead", { title: "No rig" }, "rig:"],
    ["message", { id: "m1", text: "" }, "text: must not be empty"],
    ["message", { id: "m1", text: " \n" }, "text: must not be empty"],
    ["message", { id: "not an id", text: "Hello" }, "id: is 1 to 64"],
    ["message", { text: "Hello" }, "id:"],
    ["message", { id: 1, text: "Hello" }, "id:"],
    ["message", { id: "m1", text: "x".repeat(100_001) }, "text: has at most 100,000 characters"],
  ])("%s with %j is a 400 that says why", async ([route, body, why]) => {
    const [method, path] = ROUTES[route];
    const problem = await refused(method, path, { body: JSON.stringify(body) });
    expect(problem).toMatchObject({ status: 400, kind: "bad-request" });
    expect(problem.detail).toContain(why);
  });

  it.for(Object.keys(ROUTES) as (keyof typeof ROUTES)[])(
    "%s: what is no JSON, of another type, empty or of 2 MB is refused as such",
    async (route) => {
      const [method, path] = ROUTES[route];
      for (const body of ["{", "", "name=Elm", "\u0000"])
        expect(await refused(method, path, { body })).toMatchObject({
          status: 400,
          detail: "The body is not valid JSON.",
        });
      for (const type of ["text/plain", "multipart/form-data; boundary=x", "application/jsonp"])
        expect(await refused(method, path, { body: "{}", headers: { "content-type": type } })).toMatchObject({
          status: 400,
          detail: "Send JSON, with content-type: application/json.",
        });
      const huge = JSON.stringify({ name: "x".repeat(2_000_000) });
      expect(await refused(method, path, { body: huge })).toMatchObject({ status: 413, kind: "too-large" });
      const stream = new Response(huge).body;
      expect(await refused(method, path, { body: stream })).toMatchObject({ status: 413, kind: "too-large" });
    },
  );
});

describe("A5: something that is not there", () => {
  const NOWHERE = `t${"q".repeat(20)}`;

  it.for([
    ["GET", "/api/towns/NOWHERE"],
    ["PATCH", "/api/towns/NOWHERE", { name: "Elm" }],
    ["DELETE", "/api/towns/NOWHERE"],
    ["GET", "/api/towns/NOWHERE/receipt"],
    ["GET", "/api/towns/NOWHERE/rigs"],
    ["POST", "/api/towns/NOWHERE/rigs", RIG],
    ["DELETE", "/api/towns/NOWHERE/rigs/repo"],
    ["GET", "/api/towns/NOWHERE/beads"],
    ["POST", "/api/towns/NOWHERE/beads", BEAD],
    ["GET", "/api/towns/NOWHERE/agents"],
    ["GET", "/api/towns/NOWHERE/activity"],
    ["POST", "/api/towns/NOWHERE/mayor/messages", { id: "m1", text: "Hello" }],
    ["POST", "/api/towns/NOWHERE/mayor/cancel"],
    ["GET", "/api/towns/TOWN/receipt"],
    ["DELETE", "/api/towns/TOWN/rigs/none"],
    ["POST", "/api/towns/TOWN/beads", { ...BEAD, rig: "none" }],
    ["GET", "/api/towns/TOWN/beads/b99"],
    ["GET", "/api/towns/TOWN/beads/1%20OR%201"],
    ["POST", "/api/towns/TOWN/beads/b99/cancel"],
    ["POST", "/api/towns/TOWN/beads/b0/retry"],
    ["GET", "/api/towns/TOWN/beads/r1/diff"],
    ["GET", "/api/towns/TOWN/beads/b1e0/gates"],
    ["GET", "/api/towns/TOWN/agents/nobody"],
    ["GET", "/api/towns/TOWN/agents/polecat-9/transcript"],
    ["GET", "/api/towns/TOWN/agents/..%2F..%2Fmayor"],
    ["GET", "/api/towns/..%2Fowner"],
    ["GET", "/api/admin/rooms/TownContainer/TOWN"],
    ["GET", "/api/admin/rooms/Object/constructor"],
    ["GET", "/api/nothing"],
    ["PUT", "/api/towns"],
    ["POST", "/nothing"],
  ] as [string, string, unknown?][])("%s %s is a 404", async ([method, path, body]) => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const problem = await refused(method, path.replace("NOWHERE", NOWHERE), init);
    expect(problem).toMatchObject({ status: 404, kind: "not-found" });
    expect(await room.town(NOWHERE).probe()).toMatchObject({ vital: "unborn", keys: [], tables: [] });
  });

  it.for(["x", "-1", "1.5", "1e3", "", " ", "99999999999999999"])("?after=%s is a 400", async (after) => {
    for (const path of ["activity", "mayor/messages", "agents/mayor/transcript"]) {
      const problem = await refused("GET", `/api/towns/TOWN/${path}?after=${encodeURIComponent(after)}`, {});
      expect(problem).toMatchObject({ status: 400, detail: "after: must be a whole number" });
    }
  });
});

describe("a list", () => {
  const LISTS = [
    "",
    "/TOWN/rigs",
    "/TOWN/beads",
    "/TOWN/agents",
    "/TOWN/activity",
    "/TOWN/mayor/messages",
    "/TOWN/agents/mayor/transcript",
    "/TOWN/beads/b1/runs",
    "/TOWN/beads/b1/gates",
  ];
  const OTHERS_CURSOR = btoa(JSON.stringify(["others", 7])).replaceAll("=", "");

  it.for([
    ["limit=0", "limit: must be a whole number from 1 to 200"],
    ["limit=201", "limit: must be a whole number from 1 to 200"],
    ["limit=1e2", "limit: must be a whole number from 1 to 200"],
    ["limit=", "limit: must be a whole number from 1 to 200"],
    ["cursor=", "cursor: must be the next of an earlier page"],
    ["cursor=%00", "cursor: must be the next of an earlier page"],
    ["cursor=abc", "cursor: must be the next of an earlier page of this list"],
    [`cursor=${OTHERS_CURSOR}`, "cursor: must be the next of an earlier page of this list"],
  ] as const)("A5: asked with ?%s is a 400 that says what is wrong", async ([query, detail]) => {
    for (const path of LISTS) {
      const problem = await refused("GET", `/api/towns${path}?${query}`, {});
      expect([path, problem]).toMatchObject([path, { status: 400, detail }]);
    }
  });

  it.for([
    ["", "status: "],
    ["/TOWN/beads", "status: "],
    ["/TOWN/activity", "status: is nothing that this list can be asked for"],
    ["/TOWN/mayor/messages", "status: is nothing that this list can be asked for"],
  ] as const)("A5: %s with a status that its rows don't have is a 400", async ([path, detail]) => {
    const problem = await refused("GET", `/api/towns${path}?status=in_revue`, {});
    expect(problem).toMatchObject({ status: 400, detail: expect.stringContaining(detail) });
  });
});

it("A5: after all of it the town works on", async () => {
  const { status, body } = await call("POST", `/api/towns/${town}/beads`, {
    rig: "repo",
    title: "Still here",
  });
  expect([status, body]).toMatchObject([201, { title: "Still here" }]);
});
