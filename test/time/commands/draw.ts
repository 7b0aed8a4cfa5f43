import * as fc from "fast-check";
import type { Command, Draw } from "./command.ts";
import * as container from "./container.ts";
import { FAILING } from "./faults.ts";
import { destroyUnborn, late, LATE, stale } from "./late.ts";
import * as people from "./people.ts";
import * as platform from "./platform.ts";
import type { Model } from "./model.ts";
import type { World } from "./world.ts";

/** Half of all commands come while those before them are still under way. */
const draw: fc.Arbitrary<Draw> = fc.record({
  at: fc.constantFrom(1, 1, 1, 1, 2, 0),
  turns: fc.constantFrom(null, null, null, 0, 1, 3, 8),
});

const which = fc.nat(7);
const few = fc.integer({ min: 1, max: 3 });

const plain = (make: (draw: Draw) => Command): fc.Arbitrary<Command> => draw.map(make);
const picked = (make: (draw: Draw, which: number) => Command): fc.Arbitrary<Command> =>
  fc.tuple(draw, which).map(([how, pick]) => make(how, pick));

/** Every command; what matters more is there more than once. */
const COMMANDS: readonly fc.Arbitrary<Command>[] = [
  plain(people.found),
  plain(people.found),
  plain(people.addRig),
  plain(people.sling),
  plain(people.sling),
  plain(people.chat),
  plain(people.chat),
  plain(people.chatAgain),
  plain(people.remove),
  plain(people.remove),
  plain(people.remove),
  plain(people.sweep),
  picked(people.touch),
  picked(people.reconnect),
  picked(platform.pass),
  picked(platform.pass),
  picked(platform.pass),
  picked(platform.ring),
  fc.tuple(draw, which, fc.constantFrom("hibernate", "close")).map((drawn) => platform.evict(...drawn)),
  fc.tuple(draw, which, fc.constantFrom("hibernate", "close")).map((drawn) => platform.evict(...drawn)),
  fc
    .tuple(draw, fc.constantFrom(...FAILING), few, fc.constantFrom("request", "answer", "late"))
    .map((drawn) => platform.fail(...drawn)),
  fc
    .tuple(draw, fc.constantFrom(...FAILING), few, fc.constantFrom("request", "answer", "late"))
    .map((drawn) => platform.fail(...drawn)),
  plain(platform.ledger),
  fc.tuple(draw, which, fc.constantFrom("well", "failed")).map((drawn) => container.finish(...drawn)),
  plain(container.die),
  plain(container.cut),
  fc.tuple(draw, few).map((drawn) => container.failKills(...drawn)),
  fc.tuple(draw, few).map((drawn) => container.failStarts(...drawn)),
  plain(container.deafen),
  fc.tuple(draw, fc.constantFrom(...LATE), which).map((drawn) => late(...drawn)),
  fc.tuple(draw, fc.constantFrom(...LATE), which).map((drawn) => late(...drawn)),
  picked(stale),
  plain(destroyUnborn),
];

const MOST_COMMANDS = 24;

export const commands: fc.Arbitrary<Iterable<fc.AsyncCommand<Model, World>>> = fc.commands([...COMMANDS], {
  maxCommands: MOST_COMMANDS,
  size: "max",
});
