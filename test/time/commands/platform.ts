import { command, type Command, type Draw } from "./command.ts";
import { type Call, type Lost } from "./faults.ts";
import type { TownModel } from "./model.ts";

/* What the platform does by itself, at any moment. */

const WAITS_MS = [1000, 5000, 21_000, 61_000, 600_000, 3_700_000, 90_000_000];

export const pass = (draw: Draw, which: number): Command => {
  const ms = WAITS_MS[which % WAITS_MS.length] ?? 0;
  return command(`${ms} ms pass`, draw, (_town, world) => world.timeline.pass(ms));
};

/** A town's rooms, and its owner's: which one is drawn. */
const roomOf = ({ id, agents }: TownModel, which: number): string => {
  const rooms = [
    `town/${id}`,
    "user/owner",
    `container/${id}`,
    ...[...agents.keys()].map((name) => `agent/${id}.${name}`),
  ];
  return rooms[which % rooms.length] ?? "user/owner";
};

/** An alarm rings before its time, or once more: at least once is not exactly once. */
export const ring = (draw: Draw, which: number): Command =>
  command(`alarm of room ${which}`, draw, async (town, world) => {
    const room = roomOf(town, which);
    if (room.startsWith("container/") && !world.containers.has(town.id)) return;
    await world.timeline.ring(room);
  });

export const evict = (draw: Draw, which: number, webSockets: "hibernate" | "close"): Command =>
  command(`evict room ${which} (${webSockets})`, draw, async (town, world) => {
    const how = await world.evict(roomOf(town, which), webSockets);
    world.log.push(`  ${roomOf(town, which)}: ${how}`);
  });

export const fail = (draw: Draw, call: Call, times: number, lost: Lost): Command =>
  command(`lose ${times} × ${call} (${lost})`, draw, async (_town, world) =>
    world.faults.fail(call, times, lost),
  );

export const ledger = (draw: Draw): Command =>
  command("the ledger goes, or comes back", draw, async (_town, world, model) => {
    await world.answer(model.isLedgerUp ? world.loseLedger() : world.giveLedgerBack());
    model.isLedgerUp = !model.isLedgerUp;
  });
