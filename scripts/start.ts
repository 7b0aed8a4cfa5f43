// `npm start`: everything that Curfew needs on this machine, from an empty state folder to a page that
// answers, and all of it ended again by Ctrl-C.
import { ALL, ensureBuilt } from "./build/artefacts.ts";
import { ROOT } from "./root.ts";
import { openInstance } from "./start/instance.ts";
import { aborted, runUntilStopped } from "./start/run.ts";
import { readSettings, unknownSettings } from "./start/settings.ts";

/** What people should know before they let agents work. */
const REACH = {
  process:
    "Agents run as ordinary processes of your user: they can read and change your files and use your network. " +
    "CURFEW_ENGINE=docker keeps them in containers.",
  docker: "Agents run in Docker. The port is open to your network, because containers come in by it.",
} as const;

const say = (line: string): void => console.error(line);

await runUntilStopped(async (stopped) => {
  for (const name of unknownSettings(process.env)) say(`${name} is not a setting of Curfew: ignored.`);
  const settings = readSettings(process.env, ROOT);
  const address = `http://localhost:${settings.port}`;
  await using instance = await openInstance({
    settings,
    address,
    build: () => ensureBuilt(ALL, say, stopped),
    say,
    stopped,
  });
  console.log(`Curfew is open at ${address}/?token=${encodeURIComponent(instance.token)}`);
  console.log(REACH[settings.engine]);
  await Promise.race([aborted(stopped), instance.server.lost]);
});
