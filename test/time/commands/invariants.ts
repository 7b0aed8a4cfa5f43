import { list, Look } from "./look.ts";
import { close, newTown, type Model, type TownModel } from "./model.ts";
import type { World } from "./world.ts";

/** As much of a long log as anybody reads. */
const LINES = 100;

/** Something happened that must never happen. The log tells how it came to that. */
export class Violation extends Error {
  constructor(what: string, world: World) {
    super([what, "", ...world.log.slice(-LINES)].join("\n"));
    this.name = "Violation";
  }
}

export const must = (holds: boolean, what: string, world: World): void => {
  if (!holds) throw new Violation(what, world);
};

/**
 * What holds after every command, however much is still under way: looked at in storage and on the machine,
 * where nobody is asked. What is looked at later than something else is what can't have changed back since.
 */
export const checkAtOnce = async (model: Model, world: World): Promise<void> => {
  await learn(model, world);
  for (const town of model.towns) await checkTown(town, world);
};

/** What became of foundings: the one thing that commands don't know at once. */
const learn = async (model: Model, world: World): Promise<void> => {
  const known = new Map(model.towns.map((town) => [town.id, town]));
  for (const { id, state } of await list()) {
    const town = known.get(id) ?? newTown(id, "founding");
    if (!known.has(id)) model.towns.push(town);
    if (town.state !== "founding" || world.founding?.answer === null) continue;
    if (state === "open") {
      town.state = "open";
      await world.hasten(id);
    } else if (state !== "founding") close(town);
  }
};

const checkTown = async (town: TownModel, world: World): Promise<void> => {
  const { id } = town;
  const { machine } = world.place(id);
  const stay = machine.stays.at(-1);
  const row = (await list()).find((one) => one.id === id);
  const look = await Look.atTown(id);
  const { vital } = look;
  const isOver = vital.state === "dead" || vital.state === "unborn";

  switch (town.state) {
    case "unborn":
      must(
        vital.state === "unborn" && look.rest.length === 0,
        `R5: ${id} was touched and has ${vital.state}, ${look.rest.join(", ")}`,
        world,
      );
      break;
    case "founding":
      break;
    case "open":
      must(vital.state === "alive", `nobody ended ${id}, and it is ${vital.state}`, world);
      must(row?.state === "open", `nobody ended ${id}, and its owner says ${row?.state}`, world);
      break;
    case "closing":
      must(
        row === undefined || row.state === "closing" || row.state === "gone",
        `R17: ${id} is closed, and its owner says ${row?.state}`,
        world,
      );
      break;
    case "gone":
      must(vital.state === "dead", `R3: ${id} was gone and is ${vital.state}`, world);
  }
  must(
    row?.state !== "gone" || look.isGone,
    `R16: the owner let go of ${id}, which is ${vital.state}`,
    world,
  );
  if (vital.state === "dead") await checkGone(town, look, world);

  if (look.town !== undefined) {
    must(look.town.runs >= town.fence, `W1: fences of ${id} go back from ${town.fence}`, world);
    must(look.container.life >= town.life, `C2: lives of ${id} go back from ${town.life}`, world);
    town.fence = look.town.runs;
    town.life = look.container.life;
    for (const { name, charter } of look.rows("agents")) town.agents.set(String(name), String(charter));
  }
  const isAtWork = world.timeline.isBusy(`town/${id}`);
  must(
    vital.state !== "dying" || look.stored.alarm !== null || isAtWork,
    `R9: ${id} is dying and has no alarm`,
    world,
  );

  const lives = machine.stays.map(({ life }) => life);
  must(
    new Set(lives).size === lives.length,
    `C2: a life of ${id} was started twice: ${lives.join(", ")}`,
    world,
  );
  // The same stay goes on after the town was looked at: so it ran when the town was what it was.
  if (stay === undefined || stay.to !== null) return;
  const ended =
    vital.state === "dying" &&
    vital.finalizers.some(({ name, state }) => name === "container" && state === "done");
  must(
    !isOver && !ended,
    `life ${stay.life} of the container of ${id} runs, and nobody is responsible`,
    world,
  );
  must(
    look.container.life >= stay.life,
    `C1: life ${stay.life} of ${id} runs, and its town doesn't know of it`,
    world,
  );
};

/** Gone is only a tombstone, with its agents, and stays what it was. */
const checkGone = async (town: TownModel, look: Look, world: World): Promise<void> => {
  const { id } = town;
  const receipt = look.vital.state === "dead" ? look.vital.receipt : null;
  must(look.rest.length === 0, `R15: ${id} is gone and has ${look.rest.join(", ")}`, world);
  if (town.state === "gone") {
    const isSame = JSON.stringify(receipt) === JSON.stringify(town.receipt);
    must(isSame, `R4: the receipt of ${id} is another one than before`, world);
    return;
  }
  must(town.state === "closing", `nobody ended ${id}, and it is dead`, world);
  town.state = "gone";
  town.receipt = receipt;
  for (const agent of town.agents.keys()) {
    const { isGone, vital } = await Look.atAgent(id, agent);
    must(isGone, `R16: ${id} is gone and its ${agent} is ${vital.state}`, world);
  }
};
