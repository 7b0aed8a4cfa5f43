import type { McpServer } from "@modelcontextprotocol/server";
import { sha256 } from "hono/utils/crypto";
import * as v from "valibot";
import { type Answer, problem } from "../protocol/problem.ts";
import type { Acting, Caller, TownRpc } from "../rooms/town.ts";
import { Line } from "../protocol/text.ts";
import { answerWith, offer, type Result } from "./tool.ts";
import { eachTownTool, SLING, SLING_ENTRIES } from "./town-tools.ts";

/** An agent's process, and its town. */
interface AgentCaller {
  readonly town: TownRpc;
  readonly caller: Caller;
}

/** Lets the process act only while it is the agent's present one and has a live run: asked at each use. */
const whileLive = async (
  { town, caller }: AgentCaller,
  act: (acting: Acting) => Promise<Answer<Result>>,
): Promise<Answer<Result>> => {
  const known = await town.identify(caller);
  return known.ok ? act(known.value) : known;
};

/** The same task slung twice for the same message is one bead, so a turn may be replayed. */
const slingKey = async ({ message, runId }: Acting, task: readonly string[]): Promise<string> =>
  `${message ?? runId}:${await sha256(JSON.stringify(task))}`;

export const offerMayorTools = (server: McpServer, agent: AgentCaller): void => {
  eachTownTool((tool) => {
    offer(server, { ...tool, run: (args) => whileLive(agent, () => tool.run(agent.town, args)) });
  });
  offer(server, {
    ...SLING,
    entries: SLING_ENTRIES,
    run: ({ rig, title, body }) =>
      whileLive(agent, async (acting) => {
        const key = await slingKey(acting, [rig, title, body]);
        return answerWith(await agent.town.sling({ rig, title, body, key }), (bead) => ({ bead }));
      }),
  });
};

const Reason = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, "must not be empty"),
  v.maxLength(2000, "has at most 2,000 characters"),
  v.description("Why, in a sentence or two; the reason is kept as the proof."),
  Line,
  v.minLength(1, "must not be empty"),
);

export const offerPolecatTools = (server: McpServer, agent: AgentCaller): void => {
  const { town, caller } = agent;
  offer(server, {
    name: "show_bead",
    effect: "reads",
    description: "The bead (task) that you work on, in full.",
    entries: {},
    run: () =>
      whileLive(agent, async ({ bead }) =>
        bead === null
          ? { ok: false, problem: problem("not-found", "You have no bead.") }
          : answerWith(await town.bead(bead), (bead) => ({ bead })),
      ),
  });
  offer(server, {
    name: "no_change_needed",
    effect: "adds",
    description:
      "Says that your bead needs no commit, because the repository already is as the bead asks. " +
      "Only then: a bead that ends without a commit and without this has failed.",
    entries: { reason: Reason },
    run: ({ reason }) =>
      whileLive(agent, async () =>
        answerWith(await town.declareNoChange(caller, reason), () => ({ reason })),
      ),
  });
};
