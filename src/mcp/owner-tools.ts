import type { McpServer } from "@modelcontextprotocol/server";
import * as v from "valibot";
import { enter, NO_SUCH_TOWN } from "../auth/enter.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { NewBead } from "../protocol/bead.ts";
import { NewMessage } from "../protocol/message.ts";
import { named, PAGE_ENTRIES } from "../protocol/page.ts";
import { TownId, type UserId } from "../protocol/primitives.ts";
import type { Answer } from "../protocol/problem.ts";
import { NewRig } from "../protocol/rig.ts";
import { TownName } from "../protocol/settings.ts";
import { TownState } from "../protocol/town.ts";
import type { Arguments } from "./arguments-schema.ts";
import { answerWith, offer, type Result } from "./tool.ts";
import { eachTownTool, SLING, SLING_ENTRIES, statusOf } from "./town-tools.ts";

const town = v.pipe(TownId, v.description("The town's id, from list_towns."));

/** The tools of a person: all towns that are theirs, through any MCP client. */
export const offerOwnerTools = (server: McpServer, rooms: Rooms, user: UserId): void => {
  /** Nothing is asked of a town that its owner doesn't know as open and theirs. */
  const inTown = async (id: TownId, act: () => Promise<Answer<Result>>): Promise<Answer<Result>> => {
    const problem = await enter(rooms.user(user), id);
    return problem === null ? act() : { ok: false, problem };
  };

  offer(server, {
    name: "list_towns",
    effect: "reads",
    description:
      "Your towns: id, name, state, and whether something there waits for you. " +
      "Newest first, without those that are gone; `next` is the cursor of more.",
    entries: { ...PAGE_ENTRIES, status: statusOf(TownState, "Only towns in this state.") },
    run: async (query) => answerWith(await rooms.user(user).towns(query), (page) => named("towns", page)),
  });
  offer(server, {
    name: "found_town",
    effect: "adds",
    description: "Founds a town: a mayor and its polecats, for work on your git repositories.",
    entries: { name: v.pipe(TownName, v.description("For people; need not be unique.")) },
    run: async ({ name }) => answerWith(await rooms.user(user).foundTown(name), (town) => ({ town })),
  });
  offer(server, {
    name: "close_town",
    effect: "ends",
    description:
      "Ends a town for good: its processes, conversations and storage. Commits and branches stay. " +
      "Answers with the receipt; call again to see how far it is.",
    entries: { town },
    run: async ({ town }) => {
      const closed = await rooms.user(user).closeTown(town, "mcp");
      if (!closed.ok) return closed;
      if (closed.value === null) return { ok: false, problem: NO_SUCH_TOWN };
      return { ok: true, value: { town, ...closed.value } };
    },
  });
  offer(server, {
    name: "add_rig",
    effect: "adds",
    description: "Gives a git repository to a town. It is checked first; list_rigs tells the outcome.",
    entries: { town, ...NewRig.entries },
    run: ({ town, ...rig }) =>
      inTown(town, async () => answerWith(await rooms.town(town).addRig(rig), (rig) => ({ rig }))),
  });
  eachTownTool((tool) => {
    offer(server, {
      ...tool,
      entries: { town, ...tool.entries },
      run: (args) => {
        // That `town` is among the arguments is lost where the other entries are generic.
        const { town: id, ...others } = args as Arguments<{ town: typeof town }>;
        return inTown(id, () => tool.run(rooms.town(id), others as Arguments<typeof tool.entries>));
      },
    });
  });
  offer(server, {
    ...SLING,
    entries: {
      town,
      ...SLING_ENTRIES,
      key: v.optional(
        v.pipe(NewBead.entries.key.wrapped, v.description("The same key again gives the same bead.")),
      ),
    },
    run: ({ town, ...order }) =>
      inTown(town, async () => answerWith(await rooms.town(town).sling(order), (bead) => ({ bead }))),
  });
  offer(server, {
    name: "say_to_mayor",
    effect: "adds",
    description:
      "Sends a message to the town's mayor, who works on it in its own time. read_mayor shows the answer.",
    entries: {
      town,
      text: NewMessage.entries.text,
      id: v.optional(v.pipe(NewMessage.entries.id, v.description("The same id again is the same message."))),
    },
    run: ({ town, text, id = crypto.randomUUID() }) =>
      inTown(town, async () =>
        answerWith(await rooms.agent(town, "mayor").say({ id, text }), ({ seq }) => ({ id, seq })),
      ),
  });
  offer(server, {
    name: "read_mayor",
    effect: "reads",
    description:
      "What was said to and by the mayor, newest first; `next` is the cursor of more. " +
      "`after`: only what is newer than an earlier answer's `seq`.",
    entries: {
      town,
      ...PAGE_ENTRIES,
      after: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))), null),
    },
    run: ({ town, after, ...query }) =>
      inTown(town, async () =>
        answerWith(
          await rooms.agent(town, "mayor").transcript(after, { ...query, status: null }),
          ({ seq, items, next }) => ({
            seq,
            entries: items.filter(({ kind }) => kind === "user" || kind === "text" || kind === "notice"),
            next,
          }),
        ),
      ),
  });
};
