import * as fc from "fast-check";
import type { Host } from "./platform/host.ts";
import { outsider } from "./platform/caller.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import type { Setting } from "./scenes.ts";
import { OWNER, type World } from "./world.ts";

/** What a schedule departs from the fair order by, and how often of 64 times. */
const KINDS = {
  /** Something that came later goes first. */
  overtake: 12,
  /** Something is kept back for a while, or until the faults are over. */
  hold: 8,
  /** A request or an answer is lost; whoever waits is told, but not which. */
  lose: 5,
  /** A call that was made once is made again. */
  replay: 7,
  /** An instance is lost, and with it what it wrote last. */
  crash: 12,
  /** All are lost at once: the machine restarts. */
  restart: 2,
  /** Time passes, though there are things to do. */
  wait: 5,
  /** The ledger goes down, or comes back. */
  ledger: 2,
  /** Somebody asks for something. */
  ask: 6,
  /** An alarm rings that had rung before. */
  ring: 1,
  /** The alarm of a dying room is lost. */
  forget: 1,
  /** The container's process ends by itself. */
  exit: 1,
  sweep: 2,
} as const;

export type Kind = keyof typeof KINDS;

/** After so many fair steps, this; `pick` says which of those that it could be done to. */
export interface Move {
  readonly after: number;
  readonly kind: Kind;
  readonly pick: number;
}

const DRAWN: readonly Kind[] = Object.entries(KINDS).flatMap(([kind, weight]) =>
  Array.from({ length: weight }, () => kind as Kind),
);

export const move: fc.Arbitrary<Move> = fc
  .tuple(fc.nat(12), fc.nat(DRAWN.length - 1), fc.nat(255))
  .map(([after, kind, pick]) => ({ after, kind: DRAWN[kind] ?? "overtake", pick }));

const WAITS_MS = [1000, 31_000, 76_000, 600_000, 3_700_000, 90_000_000];

const one = <T>(of: readonly T[], pick: number): T | null => of[pick % of.length] ?? null;

/** Makes a move. Where there is nothing to do it to, nothing happens. */
export const make = async (world: World, setting: Setting, { kind, pick }: Move): Promise<void> => {
  const { platform, scheduler } = world;
  const act = (label: string, run: () => void): Promise<void> => scheduler.act(`* ${label}`, run);
  switch (kind) {
    case "overtake": {
      const next = one(scheduler.ready(), pick);
      return next === null ? undefined : scheduler.release(next);
    }
    case "hold": {
      const point = one(scheduler.open(), pick >> 1);
      if (point !== null) scheduler.hold(point, pick % 2 === 0 ? 8 + (pick % 32) : null);
      return;
    }
    case "lose": {
      const point = one(scheduler.losable(), pick);
      return point === null ? undefined : scheduler.lose(point);
    }
    case "replay": {
      const call = one(platform.calls, pick);
      if (call === null) return;
      return act(`again: ${call.className} ${call.name}: ${call.method}`, () => {
        platform.call(outsider("late"), call).catch(() => undefined);
      });
    }
    case "crash": {
      const host = one(awake(world), pick);
      if (host === null) return;
      const lost = (pick >> 4) % (host.storage.unflushed + 1);
      return act(`${host.label} is lost, and ${lost} of its writes`, () => host.crash(lost));
    }
    case "restart":
      return act("everything restarts", () => {
        for (const host of platform.hosts.values()) host.crash((pick >> 4) % (host.storage.unflushed + 1));
      });
    case "wait": {
      const ms = one(WAITS_MS, pick) ?? 0;
      return act(`${ms} ms pass`, () => {
        scheduler.now += ms;
      });
    }
    case "ledger":
      return act(`the ledger is ${platform.ledger.isDown ? "back" : "down"}`, () => {
        platform.ledger.isDown = !platform.ledger.isDown;
      });
    case "ask":
      return act("somebody asks", () => ask(world, setting, pick));
    case "ring": {
      const there = [...platform.hosts.values()].filter(({ wasThere }) => wasThere);
      const host = one(there, pick);
      return host === null
        ? undefined
        : act(`the alarm of ${host.label} is to ring again`, () => host.ringAgain());
    }
    case "forget": {
      // Of a dying town or agent: its parent sees that it ends. Others are why no alarm may ever throw.
      const dying = [...platform.hosts.values()].filter(
        ({ className, storage }) =>
          (className === "Town" || className === "Agent") &&
          (storage.kv.get("vital") as { state: string } | undefined)?.state === "dying",
      );
      const host = one(dying, pick);
      return host === null ? undefined : act(`the alarm of ${host.label} is lost`, () => host.loseAlarm());
    }
    case "exit": {
      const process = one(platform.machine.processes, pick);
      return process === null
        ? undefined
        : act(`the container of ${process.town} dies`, () => platform.machine.end(process.town, 1));
    }
    case "sweep":
      return act("the cron sweeps", () => world.sweep());
  }
};

const awake = ({ platform }: World): Host[] =>
  [...platform.hosts.values()].filter(({ instance }) => instance !== null);

/** What people, pages, agents and the container ask for, at the worst of times. */
const ask = (world: World, setting: Setting, pick: number): void => {
  const id = setting.town ?? world.newest(setting);
  const requests: (() => void)[] = [
    () => void world.closeTown(id),
    () => void world.ask("Agent", `${id}.mayor`, "say", { id: `message ${pick}`, text: "hello" }),
    () => void world.ask("Town", id, "sling", { rig: "repo", title: "more", body: "" }),
    () => void world.ask("Town", id, "removeRig", "repo"),
    () => void world.connect("Town", id),
    () => void world.connect("Agent", `${id}.mayor`),
    () => void world.connect("Town", id, { role: "container", life: 1 + (pick % 3) }),
    () => world.frame(id, { type: "hello", version: PROTOCOL_VERSION, boot: "boot", life: 1, runs: [] }),
    () => world.frame(id, { type: "event", boot: "boot", n: 2 + (pick % 4), event: turned(pick) }),
    () => void world.ask("Town", id, "describe"),
    () => void world.ask("User", OWNER, "foundTown", "Another"),
    () => void world.ask("Town", id, "cancelTurn", "mayor"),
  ];
  one(requests, pick)?.();
};

/** The end of a run, as a container tells it. */
const turned = (pick: number) => ({
  type: "turned",
  runId: `r${2 + (pick % 3)}`,
  fence: 2 + (pick % 3),
  agent: `polecat-${1 + (pick % 2)}`,
  result: { outcome: "failed", reason: "no", again: pick % 8 < 4 },
});
