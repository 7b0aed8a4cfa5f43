import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { ask, call, foundTown } from "../rooms/ask.ts";
import { dialAgent, ofRun, ordered } from "../rooms/played-container.ts";
import { sling, townWithRig } from "../rooms/scenes.ts";
import { openSocket } from "../rooms/socket.ts";
import { soon } from "../rooms/soon.ts";

afterEach(() => vi.restoreAllMocks());

const TOKEN = "glpat-a-very-secret-token";
const KEY = "sk-a-very-secret-key";
const SECRETS = [TOKEN, KEY, env.CURFEW_SECRET, env.CURFEW_TOKEN];

const expectDiscreet = (text: string): void => {
  for (const secret of SECRETS) expect(text).not.toContain(secret);
};

it("W10, A4: a rig's credential and a model's key are in no answer, no frame and no log", async () => {
  const logged: unknown[][] = [];
  for (const level of ["log", "info", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((...words) => void logged.push(words));
  const { town, container } = await townWithRig();
  const page = await openSocket(`/parties/town/${town}`);
  const owner = await openSocket("/parties/user/owner");
  const mayor = await openSocket(`/parties/agent/${town}.mayor`);
  const answers: string[] = [];
  const send = async (method: string, path: string, body?: unknown): Promise<void> => {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    answers.push(await (await ask(path, init)).text());
  };

  const model = { baseUrl: "https://model.example/v1", model: "m", key: KEY };
  await send("PATCH", `/api/towns/${town}`, { model });
  await send("PATCH", `/api/towns/${town}`, { model: { ...model, key: `${KEY}\n` } });
  const rig = {
    name: "private",
    gitUrl: "https://git.example/private.git",
    credential: { kind: "token", token: TOKEN },
  };
  await send("POST", `/api/towns/${town}/rigs`, rig);
  await send("POST", `/api/towns/${town}/rigs`, rig);
  await send("POST", `/api/towns/${town}/rigs`, { ...rig, name: "Bad Name" });
  await send("POST", `/api/towns/${town}/rigs`, {
    ...rig,
    credential: { kind: "token", token: `${TOKEN}\n` },
  });
  const check = await ordered(town, "check", 2);
  expect(check.rig.credential).toMatchObject({ token: TOKEN });
  const reason = "The remote refused the credential.";
  await container.tell({
    type: "checked",
    ...ofRun(check),
    rig: "private",
    result: { outcome: "failed", reason },
  });

  await sling(town);
  const turn = await ordered(town, "turn");
  await (await dialAgent(town, "polecat-1")).tell(turn, { type: "text", id: "t", append: "Hello" });
  for (const path of ["", "/rigs", "/beads", "/beads/b1", "/agents", "/activity", "/mayor/messages"])
    await send("GET", `/api/towns/${town}${path}`);
  for (const path of [
    "/api/me",
    "/api/towns",
    `/api/admin/rooms/Town/${town}`,
    "/api/admin/rooms/User/owner",
  ])
    await send("GET", path);
  await soon(() => expect(page.heard.some((text) => text.includes(reason))).toBe(true));
  await send("DELETE", `/api/towns/${town}`);
  await page.closed;
  await send("GET", `/api/towns/${town}/receipt?verify=1`);

  const everything = [answers, page.heard, owner.heard, mayor.heard, container.socket.heard].flat();
  expect(everything.length).toBeGreaterThan(25);
  everything.forEach(expectDiscreet);
  expectDiscreet(JSON.stringify(logged));
});

it("W10: a removed rig's credential is forgotten, and a model's key goes to no other service", async () => {
  const town = await foundTown();
  const model = { baseUrl: "https://model.example/v1", model: "m" };
  const patch = async (model: object | null) =>
    (await call<{ settings: { model: unknown } }>("PATCH", `/api/towns/${town}`, { model })).body.settings
      .model;
  expect(await patch({ ...model, key: KEY })).toMatchObject({ hasKey: true });
  expect(await patch({ ...model, model: "larger" })).toMatchObject({ hasKey: true });
  expect(await patch({ ...model, baseUrl: "https://evil.example/v1" })).toMatchObject({ hasKey: false });
  expect(await patch({ ...model })).toMatchObject({ hasKey: false });
  expect(await patch(null)).toBeNull();
});
