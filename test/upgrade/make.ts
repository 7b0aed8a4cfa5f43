// Writes the state folders of `test/upgrade/state` by running an older version and driving it over HTTP:
//
//   git worktree add /tmp/old 982c7b8 && (cd /tmp/old && npm ci)
//   node test/upgrade/make.ts /tmp/old [rest|work|closing …]
//
// No row is edited by hand: every state is one that the old version wrote itself.
import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Curfew } from "../support/curfew.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { runningWith } from "../support/processes.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { closing } from "./make/closing.ts";
import { rest } from "./make/rest.ts";
import type { Scene } from "./make/scene.ts";
import { work } from "./make/work.ts";

const SCENES: Readonly<Record<string, Scene>> = { rest, work, closing };
/** Rebuilt by whoever opens the databases, or of no use to the next start. */
const LEFT_OUT = ["*-shm", "*.log", "*.sock", "cache"];

const make = async (checkout: string, name: string, scene: Scene): Promise<void> => {
  using temporary = temporaryFolder();
  const folder = realpathSync(temporary.path);
  const state = join(folder, "state");
  const repositories = join(folder, "repositories");
  for (const made of [state, repositories]) mkdirSync(made, { mode: 0o700 });
  writeFileSync(join(state, "token"), "the-owners-token", { mode: 0o600 });

  let curfew: Curfew | null = null;
  const processes = () => [
    ...runningWith("CURFEW_INSTANCE", state),
    ...(curfew === null ? [] : runningWith("CURFEW_URL", curfew.url)),
  ];
  const aimAtAll = () => {
    const all = processes();
    return async (): Promise<void> => {
      for (const { pid } of all) process.kill(pid, "SIGKILL");
      await curfew?.kill("SIGKILL");
      for (const { pid } of processes()) process.kill(pid, "SIGKILL");
      await eventually("the end of all", processes, (left) => left.length === 0);
    };
  };
  try {
    const made = await scene({
      repositories,
      start: async (env = {}) => {
        curfew = new Curfew(await freePort(), { state, checkout, env: { CURFEW_TOKEN: "", ...env } });
        await curfew.start();
        return curfew;
      },
      aimAtAll,
    });
    writeFileSync(join(folder, "made.json"), JSON.stringify({ ...made, repositories }, null, 1));
  } catch (error) {
    console.error((curfew as Curfew | null)?.printed ?? "");
    throw error;
  } finally {
    await aimAtAll()();
  }
  const archive = join(import.meta.dirname, "state", `${name}.tar.gz`);
  mkdirSync(join(import.meta.dirname, "state"), { recursive: true });
  const excluded = LEFT_OUT.map((pattern) => `--exclude=${pattern}`);
  execFileSync("tar", ["-czf", archive, "-C", folder, ...excluded, "made.json", "state", "repositories"]);
  console.log(archive);
};

const [checkout, ...wanted] = process.argv.slice(2);
if (checkout === undefined) throw new Error("Say where the checkout of the old version is.");
for (const [name, scene] of Object.entries(SCENES))
  if (wanted.length === 0 || wanted.includes(name)) await make(resolve(checkout), name, scene);
