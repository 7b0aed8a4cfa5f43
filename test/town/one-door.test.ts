import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openWorld, withRig } from "./world.ts";

const ROOT = join(import.meta.dirname, "../..");

interface Source {
  readonly file: string;
  readonly text: string;
}

const sources = (folder: string): Source[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(join(ROOT, folder, file), "utf8") }));

/** All that runs in the Worker. */
const WORKER = [...sources("src"), ...sources("parties")];

const mentioning = (all: readonly Source[], pattern: RegExp): string[] =>
  all.filter(({ text }) => pattern.test(text)).map(({ file }) => file);

/** Each step towards the container, with the files in which it is taken. */
const steps = (all: readonly Source[]): Record<string, string[]> => ({
  "names the class, as one must who wants its namespace": mentioning(all, /\bTownContainer\b/),
  "reaches a namespace by a name that is not written there": mentioning(all, /\benv\s*\[\s*[a-z]/),
  "knows the library of containers": mentioning(all, /@cloudflare\/containers/),
  "makes a stub for a town": mentioning(all, /\bcontainerOf\b|container-of/),
  "has the Town's port": mentioning(
    all,
    /\bContainerPort\b|[pP]orts\??\.container\b|[pP]orts(\?\.)?\["container"|ports\[[a-z]|\bcontainer\b[^{}=;]*\}\s*=\s*(this\.#)?ports\b/,
  ),
});

const KNOWN = {
  "names the class, as one must who wants its namespace": [
    "src/env.ts",
    "src/rooms/container-of.ts",
    // Says that it is not looked at.
    "src/http/admin.ts",
    // The sweep of orphans, whose town nobody knows.
    "src/ledger/orphans.ts",
    "src/ledger/run-orphans.ts",
    // Names it, and looks at the receipt instead.
    "src/verify.ts",
    "src/worker.ts",
    "parties/town-container.ts",
  ],
  "reaches a namespace by a name that is not written there": [
    // Durations.
    "src/config.ts",
    // Rooms only.
    "src/rooms/rooms.ts",
    "src/ledger/run-orphans.ts",
  ],
  "knows the library of containers": ["parties/town-container.ts"],
  // For its port, and for its finalizer.
  "makes a stub for a town": [
    "parties/adapters/town-peers.ts",
    "parties/town.ts",
    "src/rooms/container-of.ts",
  ],
  "has the Town's port": [
    "src/town/dispatch.ts",
    "src/town/ports.ts",
    "src/town/reconciler.ts",
    "src/town/runs/outbox.ts",
  ],
} as const;

const sorted = (found: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(found).map(([step, files]) => [step, files.toSorted()]));

test("C1: the container is reached by its town only, through one port, and that by the reconciler", () => {
  expect(sorted(steps(WORKER))).toEqual(sorted(KNOWN));
});

/** What is asked of the container in a file, in the order of its text. */
const asked = (file: string, pattern: RegExp): (string | undefined)[] =>
  WORKER.filter((source) => source.file === file).flatMap(({ text }) =>
    Array.from(text.matchAll(pattern), ([, method]) => method),
  );

test("C1: nothing else is asked of it there than orders, their ends, and its own end", () => {
  expect(asked("parties/town.ts", /\bcontainer(?:Of\([^)]*\)|\(\))\s*\.(\w+)/g)).toEqual(["kill", "purge"]);
  expect(asked("parties/adapters/town-peers.ts", /\bcontainer(?:Of\([^)]*\)|\(\))\s*\.(\w+)/g)).toEqual([
    "order",
    "cancelRun",
    "halt",
    "kill",
  ]);
  const called = /\bcontainer\s*\.(\w+)\(/g;
  expect(asked("src/town/reconciler.ts", called)).toEqual(["stop", "kill"]);
  expect(asked("src/town/dispatch.ts", called)).toEqual(["order"]);
  expect(asked("src/town/runs/outbox.ts", called)).toEqual(["cancel"]);
});

test.for([
  "env.TownContainer.getByName(town)",
  'getContainer(env["TownContainer"], town)',
  "const { TownContainer: containers } = env;",
  "env[kind].get(id)",
  'import { getRandom } from "@cloudflare/containers";',
  "containerOf(env, town).halt(1)",
  'import { containerOf as door } from "../rooms/container-of.ts";',
  'const { containerOf: door } = await import("../rooms/container-of.ts");',
  "await this.#ports.container.cancel(1, run, 1)",
  "const { now, container } = ports;",
  'ports["container"].stop(1)',
  "warm(ports?.container)",
])("C1: a new way to it would be found: %s", (text) => {
  const found = steps([...WORKER, { file: "src/town/new.ts", text }]);
  expect(sorted(found)).not.toEqual(sorted(KNOWN));
});

test("C1: every touch is written down with its reason, before it is made", async () => {
  const world = await withRig(openWorld());
  const written: string[] = [];
  const touches = (): Record<string, number> =>
    Object.fromEntries(world.town.describe().container.touches.map(({ reason, count }) => [reason, count]));
  const { container } = world.ports;
  for (const call of ["order", "cancel", "stop", "kill"] as const) {
    const method = container[call].bind(container) as (...args: unknown[]) => never;
    Object.assign(container, {
      [call]: (...args: unknown[]) => {
        written.push(`${call}: ${JSON.stringify(touches())}`);
        return method(...args);
      },
    });
  }
  world.town.sling({ rig: "repo", title: "One" });
  await world.ring();
  world.town.cancelBead("b1");
  await world.ring();
  world.town.sling({ rig: "repo", title: "Two" });
  await world.ring();
  await world.event(world.done(world.order("turn")));
  world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "Hello?" });
  await world.ring();
  world.played.obedient = false;
  await world.pass(86_400_000);
  expect(written.slice(0, 5)).toEqual([
    'order: {"check":1,"work":1}',
    'cancel: {"cancel":1,"check":1,"work":1}',
    'order: {"cancel":1,"check":1,"work":2}',
    'order: {"cancel":1,"check":1,"merge":1,"work":2}',
    'order: {"cancel":1,"check":1,"merge":1,"message":1,"work":2}',
  ]);
  const counted = Object.values(touches()).reduce((sum, count) => sum + count, 0);
  expect(world.calls).toContain("kill");
  expect(counted).toBe(world.calls.length);
});
