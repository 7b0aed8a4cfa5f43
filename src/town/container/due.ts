import type { Config } from "../../config.ts";
import type { Due } from "../due.ts";
import type { ContainerRecord } from "./record.ts";
import { isOutdated, isUp } from "./rules.ts";

/** What the town does about its container. */
export type ContainerAction =
  | { readonly kind: "look-at-lease" }
  | { readonly kind: "look-at-socket" }
  | { readonly kind: "stop"; readonly why: string }
  | { readonly kind: "kill" };

type ContainerDue<Why extends string> = Generator<Due<Why, ContainerAction>>;

/** While it stops there is one reason to wake, and nothing is dispatched. */
export const killDue = function* ({
  killAt,
}: ContainerRecord): ContainerDue<"a container that is stopping is killed"> {
  if (killAt !== null)
    yield {
      wake: { at: killAt, why: "a container that is stopping is killed" },
      action: { kind: "kill" },
    };
};

/** While it is up: whether it still lives, and whether it has lived for too long. */
export const livenessDue = function* (
  container: ContainerRecord,
  isActive: boolean,
  timing: Pick<Config, "graceMs" | "lifeMaxMs">,
): ContainerDue<"a container's socket is away" | "a lease is due" | "a container reaches its time limit"> {
  if (!isUp(container)) return;
  const { lostAt, leaseDueAt, startedAt } = container;
  if (lostAt !== null && isActive)
    yield {
      wake: { at: lostAt + timing.graceMs, why: "a container's socket is away" },
      action: { kind: "look-at-socket" },
    };
  if (leaseDueAt !== null)
    yield { wake: { at: leaseDueAt, why: "a lease is due" }, action: { kind: "look-at-lease" } };
  if (startedAt !== null)
    yield {
      wake: { at: startedAt + timing.lifeMaxMs, why: "a container reaches its time limit" },
      action: { kind: "stop", why: "It has run for as long as a container may." },
    };
};

/** When the runs of one that is older than this version have ended. New ones wait for a container of their own. */
export const replaceDue = function* (
  container: ContainerRecord,
  isActive: boolean,
): ContainerDue<"a container of an older version is replaced"> {
  if (isOutdated(container) && !isActive)
    yield {
      wake: { at: 0, why: "a container of an older version is replaced" },
      action: { kind: "stop", why: "It is of an older version of Curfew; the next run starts a new one." },
    };
};

/** When nothing is left to do: the last reason, so that whatever else is due comes first. */
export const sleepDue = function* (container: ContainerRecord): ContainerDue<"the container goes to sleep"> {
  if (isUp(container) && container.sleepsAt !== null)
    yield {
      wake: { at: container.sleepsAt, why: "the container goes to sleep" },
      action: { kind: "stop", why: "Nothing was left to do." },
    };
};
