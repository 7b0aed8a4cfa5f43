import { env } from "cloudflare:workers";
import type { Receipt } from "../../../src/protocol/receipt.ts";
import { room } from "../../rooms/rooms.ts";
import { ledgerState } from "../../rooms/lost-ledger.ts";
import { stored } from "../../rooms/stored.ts";
import { everything } from "./everything.ts";
import { checkAtOnce, must } from "./invariants.ts";
import { lateWords, sayLate } from "./late.ts";
import { list, Look } from "./look.ts";
import { close, type Model, type TownModel } from "./model.ts";
import type { World } from "./world.ts";

/** Longer than every wait of a room, than a life and a run may last, and than the backstop of a container. */
const LONG_MS = 3 * 86_400_000;

/**
 * The faults are over, and time passes until nothing is due any more: then all that was to end has ended, and
 * nothing else; what lives rests.
 */
export const checkEnd = async (model: Model, world: World, endsAll: boolean): Promise<void> => {
  world.log.push("the faults are over");
  world.faults.lift();
  await world.giveLedgerBack();
  for (const place of world.places) place.mend();
  await rest(model, world);
  if (endsAll) {
    for (const town of model.towns) {
      if (town.state !== "open") continue;
      await world.ask("DELETE", `/api/towns/${town.id}`);
      close(town);
    }
    await rest(model, world);
  }
  for (const town of model.towns) {
    if (town.state === "open") await checkAlive(town, world);
    else await checkGone(town, world);
  }
  for (const town of model.towns) await sayLate(lateWords(town), town, world, model.serial);
  await rest(model, world);
  await checkSweep(model, world);
  // Every room leaves memory, so that the next world doesn't have to throw it out.
  await world.timeline.pass(EVICTING_MS);
};

const EVICTING_MS = 20_000;

const rest = async (model: Model, world: World): Promise<void> => {
  const { timeline } = world;
  const until = world.now + LONG_MS;
  await timeline.settle();
  while (timeline.next < until) await timeline.pass(Math.max(0, timeline.next - world.now));
  must(timeline.next === Number.POSITIVE_INFINITY, "R7: something is due for ever", world);
  await checkAtOnce(model, world);
};

const checkAlive = async (town: TownModel, world: World): Promise<void> => {
  const { id } = town;
  const look = await Look.atTown(id);
  const { machine } = world.place(id);
  must(look.stored.alarm === null, `R7: ${id} rests and has an alarm`, world);
  must(
    look.container.state === "asleep" && !machine.isRunning,
    `C7: ${id} rests and its container is ${look.container.state}`,
    world,
  );
  for (const table of ["messages", "outbox", "calls"])
    must(look.rows(table).length === 0, `${id} rests and has ${JSON.stringify(look.rows(table))}`, world);
  must(
    look.rows("runs").every(({ state }) => state === "ended"),
    `${id} rests and has open runs`,
    world,
  );
  const beads = look.rows("beads").map(({ status }) => String(status));
  must(beads.length === town.beads, `W9: of ${town.beads} beads ${id} has ${beads.length}`, world);
  const rig = look.rows("rigs")[0]?.["state"];
  const isOver = (status: string): boolean => status === "closed" || status === "failed" || rig === "failed";
  must(
    beads.every(isOver),
    `W4: ${id} rests, its rig is ${String(rig)} and its beads are ${beads.join(", ")}`,
    world,
  );
  const mayor = await Look.atAgent(id, "mayor");
  const said = mayor.rows("entries").filter(({ kind }) => kind === "user");
  must(
    said.length === town.messages.length,
    `M1: of ${town.messages.length} messages ${id} has ${said.length}`,
    world,
  );
  must(
    mayor.stored.alarm === null && mayor.rows("inbox").length === 0,
    `M2: the mayor of ${id} has mail`,
    world,
  );
  must((await ledgerState(id)) === "open", `the ledger doesn't say that ${id} is open`, world);
};

const checkGone = async (town: TownModel, world: World): Promise<void> => {
  const { id, state } = town;
  if (state === "unborn") return;
  must(state === "gone", `R10: ${id} was to end and is ${(await Look.atTown(id)).vital.state}`, world);
  const { machine, pages } = world.place(id);
  must(!machine.isRunning, `the container of ${id} runs`, world);
  for (const { path, code } of pages) must(code !== null, `R10: ${path} is still open`, world);
  for (const agent of town.agents.keys()) {
    const { isGone, vital } = await Look.atAgent(id, agent);
    must(isGone, `R16: ${agent} of ${id} is ${vital.state}`, world);
  }
  if (world.containers.has(id)) {
    const { keys, tables } = await stored(room.container(id));
    const left = `${JSON.stringify(keys)} ${Object.keys(tables).join(", ")}`;
    must(left === '[["dead",true]] ', `C10: of the container's object of ${id} is left ${left}`, world);
  }
  const row = (await list()).find((one) => one.id === id);
  // One that never was is on nobody's list.
  if (row === undefined) return;
  must(
    row.state === "gone" && row.due_at === null,
    `R10: the owner says that ${id} is ${row.state}, due ${row.due_at}`,
    world,
  );
  const receipt = JSON.parse(row.receipt ?? "null") as Receipt | null;
  must(receipt?.state === "gone", `R14: the receipt of ${id} says ${receipt?.state}`, world);
  must(
    receipt?.finalizers.every((step) => step.state === "done") === true,
    `R14: the receipt of ${id} has steps that are due`,
    world,
  );
  must(
    (receipt?.agents ?? 0) >= town.agents.size,
    `R14: ${id} had ${town.agents.size} agents, its receipt says ${receipt?.agents}`,
    world,
  );
  const known = await ledgerState(id);
  must(known === "gone" || known === null, `R18: the ledger says that ${id} is ${String(known)}`, world);
};

/** In health there is nothing to heal; what lost its way is found by one sweep, and then there is nothing. */
const checkSweep = async (model: Model, world: World): Promise<void> => {
  const before = await Promise.all(model.towns.map((town) => everything(town, world)));
  const { body } = await world.ask<{ healed: number; errors: number }>("POST", "/api/admin/sweep");
  must(body.healed === 0 && body.errors === 0, `in health the sweep says ${JSON.stringify(body)}`, world);
  await rest(model, world);
  const after = await Promise.all(model.towns.map((town) => everything(town, world)));
  must(JSON.stringify(after) === JSON.stringify(before), "R21: in health the sweep changes something", world);
  const strangers = await env.LEDGER.prepare(
    "SELECT COUNT(*) AS n FROM towns WHERE state <> 'gone' AND state <> 'open'",
  ).first("n");
  must(strangers === 0, "R18: the ledger has towns that are neither open nor gone", world);
};
