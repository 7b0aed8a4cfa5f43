import { env } from "cloudflare:workers";
import { mint } from "../../../src/auth/token.ts";
import { ask, callTool } from "../ask.ts";
import type { Late, Outcome } from "./late.ts";
import type { Remembered } from "./remembered.ts";

const tool = (token: string, whose: string, name: string, args: object): Late => ({
  kind: "MCP",
  what: `${name} with ${whose} token`,
  wanted: "refused",
  send: async () => {
    const response = await callTool(token, name, args);
    const text = await response.text();
    return response.status === 200 && text.includes('"isError":true')
      ? "refused"
      : `${response.status} ${text}`;
  },
});

/** Tools, for the owner and for processes with tokens that were good. */
export const overMcp = ({ town, turns }: Remembered): Late[] => [
  tool(env.CURFEW_TOKEN, "the owner's", "sling", { town, rig: "repo", title: "Late" }),
  tool(env.CURFEW_TOKEN, "the owner's", "town_status", { town }),
  tool(env.CURFEW_TOKEN, "the owner's", "cancel_bead", { town, bead: "b1" }),
  tool(env.CURFEW_TOKEN, "the owner's", "retry_bead", { town, bead: "b1" }),
  tool(env.CURFEW_TOKEN, "the owner's", "add_rig", {
    town,
    name: "late",
    gitUrl: "https://git.example/l.git",
  }),
  tool(env.CURFEW_TOKEN, "the owner's", "say_to_mayor", { town, text: "Are you there?" }),
  tool(env.CURFEW_TOKEN, "the owner's", "read_mayor", { town }),
  {
    ...tool(env.CURFEW_TOKEN, "the owner's", "close_town", { town }),
    wanted: "told",
    send: async () =>
      (await tool(env.CURFEW_TOKEN, "", "close_town", { town }).send()) === "refused" ? "refused" : "told",
  },
  ...turns.flatMap(({ agent, token }) =>
    agent === "mayor"
      ? [
          tool(token, "the mayor's", "sling", { rig: "repo", title: "Late" }),
          tool(token, "the mayor's", "town_status", {}),
          tool(token, "the mayor's", "retry_bead", { bead: "b1" }),
        ]
      : [
          tool(token, `${agent}'s`, "show_bead", {}),
          tool(token, `${agent}'s`, "no_change_needed", { reason: "-" }),
        ],
  ),
];

/** Model calls, with tokens that were good. */
export const overModel = ({ town, turns }: Remembered): Late[] => {
  const model = async (token: string, method: string, path: string): Promise<Outcome> => {
    const response = await ask(`/model/openai/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(method === "POST" && {
        body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hello?" }] }),
      }),
    });
    await response.body?.cancel();
    return response.status;
  };
  const late = (what: string, send: () => Promise<Outcome>): Late => ({
    kind: "model",
    what,
    wanted: 410,
    send,
  });
  return [
    ...turns.flatMap(({ agent, token }) => [
      late(`a call by ${agent}`, () => model(token, "POST", "chat/completions")),
      late(`the list for ${agent}`, () => model(token, "GET", "models")),
    ]),
    late("a call by a process that never was", async () =>
      model(
        await mint(env.CURFEW_SECRET, { kind: "agent", town, agent: "mayor", role: "mayor", process: "p99" }),
        "POST",
        "chat/completions",
      ),
    ),
  ];
};
