import { expect, it } from "vitest";
import { mint } from "../../src/auth/token.ts";
import { createModelApp } from "../../src/model/app.ts";
import { type Answer, problem } from "../../src/protocol/problem.ts";
import type { Town } from "../../src/protocol/town.ts";
import type { Acting } from "../../src/rooms/town.ts";
import { AGENT, SECRET } from "./proxy.ts";

const acting: Answer<Acting> = { ok: true, value: { runId: "r1", fence: 1, message: null, bead: null } };

const list = async (
  ownModel: string | null,
  defaultModel: string | null,
  identified: Answer<Acting> = acting,
) => {
  const settings = {
    model: ownModel === null ? null : { baseUrl: "http://x", model: ownModel, hasKey: true },
  };
  const app = createModelApp({
    secret: SECRET,
    town: () => ({
      identify: async () => identified,
      describe: async () => ({ ok: true, value: { settings } as Town }),
      admit: async () => Promise.reject(new Error("a list is no call")),
      settle: async () => Promise.reject(new Error("a list is no call")),
    }),
    defaultModel,
  });
  const headers = { authorization: `Bearer ${await mint(SECRET, AGENT)}` };
  return app.request("/model/openai/v1/models", { headers });
};

const idsOf = async (response: Response) =>
  (JSON.parse(await response.text()) as { data: { id: string }[] }).data.map(({ id }) => id);

it("the models are the one that the town has, or else the instance, or none", async () => {
  expect(await idsOf(await list("own", "everybody's"))).toEqual(["own"]);
  expect(await idsOf(await list(null, "everybody's"))).toEqual(["everybody's"]);
  expect(await idsOf(await list(null, null))).toEqual([]);
});

it("the models are told to no process that is dead", async () => {
  const dead = problem("forbidden", "The process is not the agent's present one.");
  const response = await list("own", null, { ok: false, problem: dead });
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ error: { message: dead.detail } });
});
