import { command, type Command, type Draw } from "./command.ts";

/* What happens in the container. */

/** A run comes to its end before its time: well, or not. */
export const finish = (draw: Draw, which: number, how: "well" | "failed"): Command =>
  command(`run ${which} ends ${how}`, draw, async (town, world) => {
    const { control } = world.place(town.id);
    const runs = control?.runs ?? [];
    const run = runs[which % runs.length];
    if (run !== undefined) control?.finish(run.runId, how);
  });

/** The process ends by itself, with everything that runs in it. */
export const die = (draw: Draw): Command =>
  command("the container dies", draw, async (town, world) => world.place(town.id).machine.exit(1));

/** Its sockets are cut, and it dials again. */
export const cut = (draw: Draw): Command =>
  command("the container's sockets are cut", draw, async (town, world) => {
    world.place(town.id).control?.cut();
  });

export const failKills = (draw: Draw, times: number): Command =>
  command(`${times} SIGKILLs fail`, draw, async (town, world) => {
    world.place(town.id).machine.failingKills = times;
  });

export const failStarts = (draw: Draw, times: number): Command =>
  command(`${times} starts fail`, draw, async (town, world) => {
    world.place(town.id).machine.failingStarts = times;
  });

export const deafen = (draw: Draw): Command =>
  command("it doesn't hear SIGTERM", draw, async (town, world) => {
    const { control } = world.place(town.id);
    if (control !== null) control.isDeaf = true;
  });
