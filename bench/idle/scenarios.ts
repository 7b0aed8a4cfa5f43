import type { RunOrder } from "../../src/protocol/container/order.ts";
import { call } from "../../test/rooms/ask.ts";
import { openSocket, type Socket } from "../../test/rooms/socket.ts";
import { type Day, DAY_MS, Simulation } from "./simulation.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long things take in these towns. */
export const PACE: Readonly<Record<"check" | "chat" | "work" | "merge", number>> = {
  check: 3 * SECOND_MS,
  chat: 20 * SECOND_MS,
  work: 10 * MINUTE_MS,
  merge: 30 * SECOND_MS,
};

const pace = (order: RunOrder): number =>
  PACE[order.kind === "turn" ? (order.work === null ? "chat" : "work") : order.kind];

const post = async (path: string, body: object): Promise<void> => {
  const { status } = await call("POST", path, body);
  if (status >= 300) throw new Error(`POST ${path}: ${status}`);
};

/** Founded, one rig, the mayor talked to once; ten minutes have passed. */
const settleIn = async (simulation: Simulation): Promise<void> => {
  const { town } = simulation;
  await post(`/api/towns/${town}/rigs`, { name: "repo", gitUrl: "https://git.example/repo.git" });
  await simulation.pass(MINUTE_MS);
  await post(`/api/towns/${town}/mayor/messages`, { id: "m1", text: "Hello?" });
  await simulation.pass(9 * MINUTE_MS);
};

/** Lives through so many days of a town, after it has settled in and `plan` has said what is to come. */
const live = (days: number, plan: (simulation: Simulation) => void): Promise<Day[]> =>
  Simulation.of(pace, async (simulation) => {
    await settleIn(simulation);
    plan(simulation);
    const lived: Day[] = [];
    for (let day = 0; day < days; day += 1) lived.push(await simulation.endDay());
    return lived;
  });

/** The town is left alone after its first ten minutes. */
export const leftAlone = (days: number): Promise<Day[]> => live(days, () => {});

const PAGES = 10;
/** How often each page loses its connection and comes back, as partysocket does by itself. */
const RECONNECTS_EVERY_MS = HOUR_MS;

const openPage = (town: string): Promise<Socket[]> =>
  Promise.all(
    ["user/owner", `town/${town}`, `agent/${town}.mayor`].map((room) => openSocket(`/parties/${room}`)),
  );

const keepOpen = async (simulation: Simulation): Promise<void> => {
  const sockets = await openPage(simulation.town);
  simulation.after(RECONNECTS_EVERY_MS, async () => {
    for (const socket of sockets) {
      socket.close();
      await socket.closed;
    }
    await keepOpen(simulation);
  });
};

/** The same, with ten pages open on the town and its mayor, each of which comes back every hour. */
export const watched = (days: number): Promise<Day[]> =>
  live(days, (simulation) => {
    for (let page = 0; page < PAGES; page += 1)
      simulation.after((page * RECONNECTS_EVERY_MS) / PAGES, () => keepOpen(simulation));
  });

/** When things are said and slung on a working day, from its beginning. */
export const WORKING_DAY = {
  messages: [1, 2, 3, 4, 5, 6, 7, 8].map((hour) => hour * HOUR_MS),
  beads: [1.5, 3.5, 5.5, 7.5].map((hour) => hour * HOUR_MS),
} as const;

/** Used: eight messages to the mayor and four beads a day. */
export const used = (days: number): Promise<Day[]> =>
  live(days, (simulation) => {
    const { town } = simulation;
    for (let day = 0; day < days; day += 1) {
      for (const [n, ms] of WORKING_DAY.messages.entries())
        simulation.after(day * DAY_MS + ms, () =>
          post(`/api/towns/${town}/mayor/messages`, { id: `d${day}m${n}`, text: "And now?" }),
        );
      for (const [n, ms] of WORKING_DAY.beads.entries())
        simulation.after(day * DAY_MS + ms, () =>
          post(`/api/towns/${town}/beads`, { rig: "repo", title: `Day ${day}, bead ${n}`, body: "" }),
        );
    }
  });
