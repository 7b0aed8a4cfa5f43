// `npm run sweep`: looks at ids of which somebody suspects that nobody knows them any more, from a file or
// from the cloud's own list, and ends those that no owner claims if it is told to.
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import * as v from "valibot";
import { unstable_readConfig as readConfig } from "wrangler";
import type { OrphanFinding } from "../src/protocol/orphans.ts";
import { ROOT } from "./root.ts";
import { Failure } from "./start/failure.ts";
import { cloudObjects } from "./sweep/cloud.ts";
import { readWish, type Wish } from "./sweep/command-line.ts";
import { askAbout } from "./sweep/orphans.ts";

const WorkerName = v.object({ name: v.string() });

const idsOf = async function* ({ ids, cloud }: Wish): AsyncGenerator<string> {
  if (ids !== null) {
    const lines = await (ids === "-" ? text(process.stdin) : readFile(ids, "utf8")).catch((error: Error) => {
      throw new Failure(`The ids can't be read: ${error.message}.`);
    });
    yield* new Set(
      lines
        .split("\n")
        .map((line) => line.trim())
        .filter(Boolean),
    );
  }
  if (cloud !== null) {
    const { name } = v.parse(WorkerName, readConfig({ config: join(ROOT, "wrangler.jsonc") }));
    yield* cloudObjects(cloud, name);
  }
};

const line = ({ id, room, standing, detail, ended }: OrphanFinding): string =>
  [
    id,
    standing,
    room,
    ended === null ? detail : `${detail}; ${ended === "gone" ? "ended" : "is ending"}`,
  ].join("\t");

const sweep = async (wish: Wish): Promise<void> => {
  const count = new Map<OrphanFinding["standing"], number>();
  for await (const finding of askAbout(wish.curfew, idsOf(wish), wish.destroy)) {
    count.set(finding.standing, (count.get(finding.standing) ?? 0) + 1);
    // Of the cloud's list, which holds everything, only what may be wrong.
    const isSuspect = finding.standing === "unclaimed" || finding.standing === "unknown";
    if (isSuspect || wish.ids !== null) console.log(line(finding));
    if (finding.standing === "unknown") process.exitCode = 1;
  }
  console.error(
    count.size === 0
      ? "Nothing to look at."
      : [...count].map(([standing, n]) => `${n} ${standing}`).join(", "),
  );
  if (count.has("unclaimed") && !wish.destroy) console.error("Nothing was ended: that takes --destroy.");
};

try {
  await sweep(await readWish(process.argv.slice(2), process.env, ROOT));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
