import { setTimeout as delay } from "node:timers/promises";
import type { Bead } from "../../src/protocol/bead.ts";
import type { Rig } from "../../src/protocol/rig.ts";
import type { Town } from "../../src/protocol/town.ts";
import { makeRepository } from "../../test/support/repository.ts";
import { conditions } from "../conditions.ts";
import { markdownTable } from "../markdown.ts";
import { type Instance, startInstance } from "./instance.ts";

const MESSAGES = 30;
const BEADS = 6;
const LOOK_EVERY_MS = 20;

/** Waits for what nobody tells over HTTP. Between two measurements, so how exactly doesn't matter. */
const until = async (look: () => Promise<boolean>): Promise<void> => {
  while (!(await look())) await delay(LOOK_EVERY_MS);
};

const quantile = (samples: readonly number[], q: number): number =>
  samples.toSorted((a, b) => a - b)[Math.floor(q * (samples.length - 1))] ?? Number.NaN;

interface Samples {
  readonly rpc: number[];
  readonly container: number[];
  readonly message: number[];
  readonly bead: number[];
}

/** One town with a warm container, measured in turns, so that whatever slows the machine slows all alike. */
const measure = async ({ ask, arrivals }: Instance, gitUrl: string): Promise<Samples> => {
  const { id } = await ask<Town>("POST", "/api/towns", { name: "Bench" });
  const at = (path: string): string => `/api/towns/${id}${path}`;
  await ask("POST", at("/rigs"), { name: "hello", gitUrl });
  await until(async () => {
    const { rigs } = await ask<{ rigs: Rig[] }>("GET", at("/rigs"));
    return rigs[0]?.state === "ready";
  });
  const isQuiet = async (): Promise<boolean> => {
    const { container } = await ask<Town>("GET", at(""));
    return container.state === "awake" && container.sleepsAt !== null;
  };
  const say = (n: number): Promise<unknown> =>
    ask("POST", at("/mayor/messages"), { id: `m${n}`, text: "/help" });
  const sling = (n: number): Promise<Bead> =>
    ask("POST", at("/beads"), {
      rig: "hello",
      title: `Bead ${n}`,
      body: `\`\`\`sh\necho ${n} > ${n}.txt\n\`\`\``,
    });

  await say(0);
  await until(isQuiet);
  const samples: Samples = { rpc: [], container: [], message: [], bead: [] };
  const least = async (): Promise<void> => {
    const began = performance.now();
    await ask("GET", `/bench/rpc/${id}`);
    samples.rpc.push(performance.now() - began);
    samples.container.push(await arrivals.after("/bare", () => ask("GET", `/bench/container/${id}`)));
  };
  for (let n = 1; n <= MESSAGES; n += 1) {
    await least();
    samples.message.push(await arrivals.after("/runs", () => say(n)));
    await until(isQuiet);
  }
  for (let n = 1; n <= BEADS; n += 1) {
    await least();
    samples.bead.push(await arrivals.after("/runs", () => sling(n)));
    await until(async () => (await ask<Bead>("GET", at(`/beads/b${n}`))).status === "closed");
    await until(isQuiet);
  }
  return samples;
};

const ms = (value: number): string => `${value.toFixed(1)} ms`;

/** The report of `npm run bench -- dispatch`. */
export const run = async (): Promise<string> => {
  using repository = makeRepository({ bare: true });
  await using instance = await startInstance();
  const { rpc, container, message, bead } = await measure(instance, repository.path);
  const least = quantile(rpc, 0.5) + quantile(container, 0.5);
  const row = (name: string, samples: readonly number[], ratio: string): string[] => [
    name,
    `${samples.length}`,
    ms(quantile(samples, 0.5)),
    ms(quantile(samples, 0.9)),
    ratio,
  ];
  const ratio = (samples: readonly number[]): string => (quantile(samples, 0.5) / least).toFixed(1);
  const table = markdownTable(
    ["from the request to the arrival at the container's door", "samples", "median", "90 %", "ratio"],
    [
      row("a bare RPC (there and back)", rpc, ""),
      row("a bare container request", container, ""),
      ["both", "", ms(least), "", "1.0"],
      row("**a message to the mayor, to its turn's command**", message, ratio(message)),
      row("**a new bead, to its polecat's command**", bead, ratio(bead)),
    ],
  );
  return `${conditions()} A whole instance with the process engine and the script runtime, its container warm; all are asked in turns in
the same run, over HTTP, as the page asks. The ratio is to a bare RPC plus a bare container request: what is above 1 is the work in between
(stored before it is acknowledged, the run opened, the agent's room told, a token minted). No timer is in it.

${table}`;
};
