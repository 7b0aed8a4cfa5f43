import type { RunOrder } from "../../src/protocol/container/order.ts";
import { call } from "../../test/rooms/ask.ts";
import { openSocket, type Socket } from "../../test/rooms/socket.ts";
import type { Day, Lived } from "../idle/lived.ts";
import { DAY_MS } from "../idle/policies.ts";
import { FIRST_MESSAGE_MS, PACE, PAGES, SETTLED_MS, WORKING_DAY } from "../idle/schedule.ts";
import { Simulation } from "./simulation.ts";

const pace = (order: RunOrder): number => {
  if (order.kind !== "turn") return PACE[order.kind];
  return order.work === null ? PACE.chat : PACE.work;
};

const post = async (path: string, body: object): Promise<void> => {
  const { status } = await call("POST", path, body);
  if (status >= 300) throw new Error(`POST ${path}: ${status}`);
};

/** Founded, one rig, the mayor talked to once. */
const settleIn = async (simulation: Simulation): Promise<void> => {
  const { town } = simulation;
  await post(`/api/towns/${town}/rigs`, { name: "repo", gitUrl: "https://git.example/repo.git" });
  await simulation.pass(FIRST_MESSAGE_MS);
  await post(`/api/towns/${town}/mayor/messages`, { id: "m1", text: "Hello?" });
  await simulation.pass(SETTLED_MS - FIRST_MESSAGE_MS);
};

/** Lives through so many days of a town, after it has settled in and `plan` has said what is to come. */
const live = (days: number, plan: (simulation: Simulation) => void): Promise<Lived> =>
  Simulation.of(pace, async (simulation) => {
    await settleIn(simulation);
    plan(simulation);
    const lived: Day[] = [];
    for (let day = 0; day < days; day += 1) lived.push(await simulation.endDay());
    return { days: lived, touches: await simulation.touches() };
  });

/** The town is left alone after its first ten minutes. */
export const leftAlone = (days: number): Promise<Lived> => live(days, () => {});

const openPage = (town: string): Promise<Socket[]> =>
  Promise.all(
    ["user/owner", `town/${town}`, `agent/${town}.mayor`].map((room) => openSocket(`/parties/${room}`)),
  );

const keepOpen = async (simulation: Simulation, reconnectsEveryMs: number): Promise<void> => {
  const sockets = await openPage(simulation.town);
  simulation.after(reconnectsEveryMs, async () => {
    for (const socket of sockets) {
      socket.close();
      await socket.closed;
    }
    await keepOpen(simulation, reconnectsEveryMs);
  });
};

/**
 * The same, with pages open on the town and its mayor. All of them lose their connections again and again,
 * and come back as partysocket does by itself.
 */
export const watched = (days: number, reconnectsEveryMs: number): Promise<Lived> =>
  live(days, (simulation) => {
    for (let page = 0; page < PAGES; page += 1)
      simulation.after(0, () => keepOpen(simulation, reconnectsEveryMs));
  });

/** Used: eight messages to the mayor and four beads a day. */
export const used = (days: number): Promise<Lived> =>
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
