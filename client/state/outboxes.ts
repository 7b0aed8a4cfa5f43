import type { TownId } from "../../src/protocol/primitives.ts";
import { api } from "../api.ts";
import { newId } from "../new-id.ts";
import { createOutbox, type Outbox } from "./outbox.ts";

const outboxes = new Map<TownId, Outbox>();

/** The town's outbox. It outlives the town's page, so that walking away loses no message. */
export const outboxOf = (town: TownId): Outbox => {
  const known = outboxes.get(town);
  if (known) return known;
  const outbox = createOutbox({
    post: (message) => api.say(town, message),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    newId,
  });
  outboxes.set(town, outbox);
  return outbox;
};
