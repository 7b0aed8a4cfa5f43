import { env } from "cloudflare:workers";
import { room } from "../../rooms/rooms.ts";
import { command, type Command, type Draw } from "./command.ts";
import { difference, everything } from "./everything.ts";
import { must } from "./invariants.ts";
import { asOwned, close, mayAnswer, mayClose, type TownModel } from "./model.ts";
import { Page } from "./page.ts";
import type { World } from "./world.ts";

/* What people ask for, and what they get by what the town is. */

const asked = async (
  world: World,
  town: TownModel,
  method: string,
  path: string,
  body?: object,
): Promise<boolean> => {
  const at = `/api/towns/${town.id}${path}`;
  const state = asOwned(town);
  const { status, body: answer } = await world.ask(method, at, body);
  const said = `${method} ${at} of a town that is ${state} was answered ${status} ${JSON.stringify(answer)}`;
  must(mayAnswer(state, status), `R6: ${said}`, world);
  return status < 300;
};

export const found = (draw: Draw): Command =>
  command(
    "found",
    draw,
    async (_town, world, model) => {
      model.serial += 1;
      world.found(`Town ${model.serial}`);
    },
    (_town, { towns }) => towns.length < 4 && towns.every(({ state }) => state !== "founding"),
  );

export const addRig = (draw: Draw): Command =>
  command(
    "add a rig",
    draw,
    async (town, world) => {
      const rig = { name: "repo", gitUrl: "https://git.example/repo.git" };
      if (await asked(world, town, "POST", "/rigs", rig)) town.hasRig = true;
    },
    (town) => !town.hasRig,
  );

export const sling = (draw: Draw): Command =>
  command(
    "sling",
    draw,
    async (town, world, model) => {
      model.serial += 1;
      const bead = { rig: "repo", title: `Bead ${model.serial}`, body: "" };
      if (await asked(world, town, "POST", "/beads", bead)) town.beads += 1;
    },
    (town) => town.hasRig || town.state !== "open",
  );

export const chat = (draw: Draw): Command =>
  command("chat", draw, async (town, world, model) => {
    model.serial += 1;
    const message = { id: `m${model.serial}`, text: "Hello?" };
    if (await asked(world, town, "POST", "/mayor/messages", message)) town.messages.push(message.id);
  });

/** The same message again, as a page that had no answer sends it. */
export const chatAgain = (draw: Draw): Command =>
  command(
    "the same message again",
    draw,
    (town, world) =>
      asked(world, town, "POST", "/mayor/messages", { id: town.messages.at(-1), text: "Hello?" }),
    (town) => town.messages.length > 0,
  );

export const remove = (draw: Draw): Command =>
  command("delete", draw, async (town, world) => {
    const { status } = await world.ask("DELETE", `/api/towns/${town.id}`);
    must(status === (asOwned(town) === "unborn" ? 404 : 202), `R17: DELETE was answered ${status}`, world);
    close(town);
  });

/** Reading, in every way there is. When nothing else goes on, it leaves everything as it is. */
export const touch = (draw: Draw, how: number): Command =>
  command(`touch ${how}`, draw, async (town, world) => {
    await world.quiet();
    const before = await everything(town, world);
    const at = `/api/towns/${town.id}`;
    const reads = ["", "/beads", "/agents", "/receipt?verify=1", "/mayor/messages?after=0", "/activity"];
    const path = reads[how % (reads.length + 1)];
    if (path === undefined) await room.town(town.id).probe();
    else await world.ask("GET", `${at}${path}`);
    await world.go(null);
    const after = await everything(town, world);
    must(after === before, `C3, R5: a look changed ${difference(before, after)}`, world);
  });

/** A page on the town, its mayor or the owner's list comes back, or comes for the first time. */
export const reconnect = (draw: Draw, which: number): Command =>
  command(`reconnect ${which}`, draw, async (town, world) => {
    const { pages } = world.place(town.id);
    const path = which % 2 === 0 ? `/parties/town/${town.id}` : `/parties/agent/${town.id}.mayor`;
    for (const page of pages) if (page.path === path) page.close();
    const page = await world.answer(Page.open(path, env.CURFEW_TOKEN));
    pages.push(page);
    await world.go(null);
    const said = `${path} of a town that is ${town.state} was closed with ${page.code}`;
    must(mayClose(asOwned(town), page.code), `R6: ${said}`, world);
  });

/** Looks at every town that isn't where it should be; ends none that its owner claims. */
export const sweep = (draw: Draw): Command =>
  command("sweep", draw, async (_town, world, model) => {
    const { status } = await world.ask("POST", "/api/admin/sweep");
    must(status === (model.isLedgerUp ? 200 : 503), `the sweep was answered ${status}`, world);
  });
