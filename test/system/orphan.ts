import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "vitest";
import type { Curfew } from "../support/curfew.ts";
import { serveJson } from "../support/json-server.ts";

const objectsFolder = (curfew: Curfew, ...rest: string[]): string =>
  join(curfew.state, "worker", "v3", "do", ...rest);

/** The ids of all objects of a class that have stored anything, as the simulator keeps them on the disk. */
const objectsOf = (curfew: Curfew, folder: string): string[] =>
  readdirSync(objectsFolder(curfew, folder)).flatMap(
    (name) => /^([0-9a-f]{64})\.sqlite$/.exec(name)?.[1] ?? [],
  );

/**
 * Cloudflare's API over the objects on this disk, in the form that its reference gives. The account has
 * another Worker's objects, too, and pages are small.
 */
export const cloudOver = (curfew: Curfew) =>
  serveJson(({ path, query }) => {
    const answer = (result: unknown[], result_info: object) => ({
      json: { success: true, errors: [], messages: [], result, result_info },
    });
    const [, namespace] = /\/namespaces\/([^/]+)\/objects$/.exec(path) ?? [];
    if (namespace === undefined) {
      const mine = readdirSync(objectsFolder(curfew)).map((id) => ({
        id,
        name: id,
        script: "curfew",
        class: id,
      }));
      const others = [{ id: "others", name: "others", script: "other", class: "Room" }];
      return answer([...mine, ...others], { count: mine.length + 1, total_count: mine.length + 1 });
    }
    const ids = objectsOf(curfew, namespace);
    const from = Number(query["cursor"] ?? 0);
    const page = ids.slice(from, from + 2).map((id) => ({ id, hasStoredData: true }));
    return answer(page, { count: page.length, cursor: from + 2 < ids.length ? String(from + 2) : "" });
  });

/** Takes a town off its owner's list and out of the ledger, as a fault of an earlier version might have. */
export const orphan = (curfew: Curfew, town: string): void => {
  const d1 = join(curfew.state, "worker", "v3", "d1", "miniflare-D1DatabaseObject");
  const files = [objectsFolder(curfew, "curfew-User"), d1].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name))
      .map((name) => join(folder, name)),
  );
  const removed = files.map((file) => {
    const db = new DatabaseSync(file);
    try {
      return db.prepare("DELETE FROM towns WHERE id = ?").run(town).changes;
    } finally {
      db.close();
    }
  });
  expect(removed).toEqual([1, 1]);
};
