import { addRig, chat, found, sling } from "./people.ts";
import { finish } from "./container.ts";
import { fail, pass } from "./platform.ts";
import type { Command } from "./command.ts";

const settled = { at: 1, turns: null };
const town = [found(settled)];
const rig = [...town, addRig(settled), pass(settled, 3)];

/** What there is before anything happens, as the commands that lead there. */
export const SCENES = {
  nothing: [],
  "an idle town": town,
  "a town that wakes": [...town, chat({ at: 1, turns: 1 })],
  "a town that woke twice": [...town, chat(settled), pass(settled, 4), chat(settled), pass(settled, 1)],
  "a town at work": [...rig, sling(settled), sling(settled), chat(settled), pass(settled, 1)],
  "a town that will be slow to end": [
    ...rig,
    fail(settled, "Agent.destroy", 3, "request"),
    fail(settled, "Agent.told", 3, "late"),
    fail(settled, "TownContainer.order", 3, "late"),
    finish(settled, 0, "well"),
    sling(settled),
  ],
} as const satisfies Record<string, readonly Command[]>;

export type Scene = keyof typeof SCENES;
