// `npm run dev`: the instance of `npm start` on the same state folder, for who works on its code. The page
// is served from its sources and changes where it stands; the Worker is built and run anew after a change.
import { join } from "node:path";
import { BEHIND_THE_PAGE, CONTAINER_BUNDLE, ENGINE_BUNDLE, ensureBuilt } from "./build/artefacts.ts";
import { servePage } from "./dev/page.ts";
import { onChange } from "./dev/watch.ts";
import { ROOT } from "./root.ts";
import { Failure } from "./start/failure.ts";
import { openInstance } from "./start/instance.ts";
import { freePort } from "./start/ports.ts";
import { runUntilStopped } from "./start/run.ts";
import { readSettings } from "./start/settings.ts";

/** Whatever anything but the page is made of. */
const WATCHED = ["src", "parties", "container", "engine", "processes"];

const say = (line: string): void => console.error(line);

await runUntilStopped(async (stopped) => {
  const { port } = readSettings(process.env, ROOT);
  // The Worker and its containers know nothing of the page's server.
  const settings = readSettings({ ...process.env, PORT: String(await freePort()) }, ROOT);
  const address = `http://localhost:${port}`;
  const build = () => ensureBuilt(BEHIND_THE_PAGE, say, stopped);
  await using instance = await openInstance({ settings, address, build, say, stopped });
  const { server } = instance;
  let reloading: Promise<unknown> = Promise.resolve();
  await using _ = await servePage(port, `http://127.0.0.1:${settings.port}`, () => reloading);

  const rebuild = async (): Promise<void> => {
    try {
      const made = await build();
      if (made.includes(ENGINE_BUNDLE)) say("The engine has changed: start again to run it.");
      if (made.includes(CONTAINER_BUNDLE)) say("Containers that start from now on run the change.");
      if (made.every((one) => one === ENGINE_BUNDLE || one === CONTAINER_BUNDLE)) return;
      const reload = server.reload();
      reloading = reload;
      const fault = await reload;
      say(fault === null ? "The Worker runs the change." : `The Worker can't run the change: ${fault}`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      say(error.message);
    }
  };

  const folders = WATCHED.map((folder) => join(ROOT, folder));
  const watching = onChange(folders, rebuild, stopped);
  console.log(`Curfew is open at ${address}/?token=${encodeURIComponent(instance.token)}`);
  console.log("A change in client/ shows at once; one in src/ or parties/ when the Worker runs it.");
  await Promise.race([server.lost, watching]);
});
