import { execFileSync } from "node:child_process";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takeInventory } from "../inventory.ts";
import { makeBare, makeWorkingCopy } from "./repositories.ts";
import type { Scene } from "./scene.ts";
import { type Answer, block, found, OldTown } from "./town.ts";

/** A town that is at rest after a rich life, and one that is gone. Stopped by Ctrl-C. */
export const rest: Scene = async ({ repositories, start }) => {
  const app = makeWorkingCopy(repositories, "app");
  const site = makeBare(repositories, "site.git");
  const leaving = makeBare(repositories, "leaving.git");

  let curfew = await start({ CURFEW_RETRY_BASE: "50ms" });
  let town = await found(curfew, "Riverside");
  await town.call("PATCH", "", { runtime: "script", caps: { polecats: 2 } });
  await town.addRig("app", app, ["test -f README.md", "git log -1 --format=%s"]);
  await town.addRig("site", site);
  await town.addRig("leaving", leaving);
  // No repository is there: the check answers that it can't be used.
  await town.addRig("broken", join(repositories, "nothing-here"));

  const closed = await town.sling("app", "Add a greeting", "echo hello > greeting.txt");
  await town.bead(closed, "closed", ({ status }) => status === "closed");
  await town.ask(`/sling site Add a page\n${block("echo page > page.html")}`);
  await town.bead("b2", "closed", ({ status }) => status === "closed");
  const failed = await town.sling("app", "Fail always", "echo no luck; exit 3");
  await town.bead(failed, "failed", ({ status }) => status === "failed");
  const cancelled = await town.sling("site", "Be called off", "sleep 600");
  await town.bead(cancelled, "in progress", ({ status }) => status === "in_progress");
  await town.call("POST", `/beads/${cancelled}/cancel`);
  const left = await town.sling("leaving", "Leave something", "echo left > left.txt");
  await town.bead(left, "closed", ({ status }) => status === "closed");
  await town.call("DELETE", "/rigs/leaving");
  await town.until("the end of its polecat", "/agents", ({ agents }) =>
    agents.every(({ name, status }: Answer) => name !== "polecat-5" || status === "ended"),
  );

  writeFileSync(join(app, "README.md"), "# app, in the middle of a change\n");
  const held = await town.sling("app", "Wait for a clean copy", "echo held > held.txt");
  await town.bead(held, "held", ({ status, held }) => status === "in_review" && held === true);

  const gone = await found(curfew, "Gone for ever");
  await gone.addRig("site", site);
  const its = await gone.sling("site", "A last word", "echo last > last.txt");
  await gone.bead(its, "closed", ({ status }) => status === "closed");
  await gone.call("DELETE", "");
  await gone.until("its receipt", "/receipt", ({ state }) => state === "gone");
  // A life that ends while the Worker is away would be a loss, and those wait from here on for minutes.
  await town.call("PATCH", "", { sleepAfter: "1s" });
  await town.ask("/rigs");
  await town.asleep();
  await town.call("PATCH", "", { sleepAfter: "30m" });
  await curfew.stop();

  // Another start, by which what failed waits for minutes.
  curfew = await start({ CURFEW_RETRY_BASE: "1h", CURFEW_GRACE: "1s" });
  town = new OldTown(curfew, town.id);
  await town.ask("/status");

  // A check that hangs, since its repository's HEAD is a pipe that nobody writes into, and loses its container.
  const slow = makeBare(repositories, "slow.git");
  renameSync(join(slow, "HEAD"), join(slow, "HEAD.kept"));
  execFileSync("mkfifo", [join(slow, "HEAD")]);
  await town.call("POST", "/rigs", { name: "slow", gitUrl: slow });
  await town.until("the check of slow", "", ({ container }) =>
    container.touches.some(({ reason, count }: Answer) => reason === "check" && count >= 5),
  );
  for (const { pid } of town.processes()) process.kill(pid, "SIGKILL");
  await town.until("a check that waits", "/rigs", ({ rigs }) =>
    rigs.some(({ name, reason }: Answer) => name === "slow" && reason !== null),
  );
  rmSync(join(slow, "HEAD"));
  renameSync(join(slow, "HEAD.kept"), join(slow, "HEAD"));

  // An agent that ends without a word: the bead's next try comes in minutes.
  await town.call("PATCH", "", { runtime: ["true"] });
  const waits = await town.sling("site", "Be tried again", "echo again > again.txt");
  await town.bead(waits, "waiting", ({ status, attempts }) => status === "open" && attempts === 1);
  await town.call("PATCH", "", { runtime: "script", sleepAfter: "1s" });
  await town.ask("/beads");
  await town.asleep();
  await town.call("PATCH", "", {
    name: "Riverside, renamed",
    sleepAfter: "45m",
    caps: { polecats: 3, tokens: 50_000 },
    model: { baseUrl: "http://127.0.0.1:9/v1", model: "a-model", key: "sk-kept-from-before" },
  });
  const inventory = await takeInventory(curfew, [gone.id]);
  await curfew.stop();
  return { inventory, towns: { town: town.id, gone: gone.id } };
};
