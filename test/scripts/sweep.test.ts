import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/root.ts";
import { cloudObjects } from "../../scripts/sweep/cloud.ts";
import { readWish } from "../../scripts/sweep/command-line.ts";
import { askAbout } from "../../scripts/sweep/orphans.ts";
import { serveJson } from "../support/json-server.ts";
import { temporaryFolder } from "../support/temporary.ts";

const NAMESPACES = "/accounts/account/workers/durable_objects/namespaces";

/** The script as a process of its own. */
const runSweep = (args: readonly string[], env: NodeJS.ProcessEnv) =>
  new Promise<{ stdout: string; stderr: string; status: number | null }>((resolve) => {
    const script = spawn(process.execPath, [join(ROOT, "scripts/sweep.ts"), ...args], {
      env: { PATH: process.env["PATH"], ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    script.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part));
    script.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
    script.on("close", (status) => resolve({ stdout, stderr, status }));
  });

/** As the reference says: https://developers.cloudflare.com/api/resources/durable_objects/ */
const answered = (result: unknown[], result_info: object) => ({
  json: { success: true, errors: [], messages: [], result, result_info },
});

const cloud = () =>
  serveJson(({ path, query }) => {
    if (path === NAMESPACES)
      return answered(
        [
          { id: "n1", name: "curfew_Town", script: "curfew", class: "Town", use_sqlite: true },
          { id: "n2", name: "other_Room", script: "other", class: "Room", use_sqlite: true },
          { id: "n3", name: "curfew_Agent", script: "curfew", class: "Agent", use_sqlite: true },
        ],
        { count: 3, page: 1, per_page: 1000, total_count: 3 },
      );
    if (path === `${NAMESPACES}/n1/objects`)
      return query["cursor"] === "more"
        ? answered([{ id: "c".repeat(64), hasStoredData: true }], { count: 1, cursor: "" })
        : answered(
            [
              { id: "a".repeat(64), hasStoredData: true },
              { id: "b".repeat(64), hasStoredData: false },
            ],
            { count: 2, cursor: "more" },
          );
    if (path === `${NAMESPACES}/n3/objects`)
      return answered([{ id: "d".repeat(64), hasStoredData: true }], { count: 1 });
    return {
      status: 404,
      json: { success: false, errors: [{ code: 7003, message: "No route" }], result: null },
    };
  });

/** Says of every id that it is a tombstone's. */
const serveCurfew = () =>
  serveJson(({ body }) => ({
    json: {
      findings: (body as { ids: string[] }).ids.map((id) => ({
        id,
        room: `Town ${id}`,
        standing: "tombstone",
        detail: "gone",
        ended: null,
      })),
    },
  }));

const townIds = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `t${"a".repeat(12)}${n.toString(2).padStart(8, "0")}`).map((id) =>
    id.replaceAll("0", "b").replaceAll("1", "c"),
  );

const all = async <T>(things: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const thing of things) list.push(thing);
  return list;
};

describe("the cloud's own list of objects", () => {
  it("is read page by page, of this Worker's namespaces, and only objects with stored data", async () => {
    await using api = await cloud();
    const access = { account: "account", token: "a-token", api: api.url };
    const ids = await all(cloudObjects(access, "curfew"));
    expect(ids).toEqual(["a", "c", "d"].map((letter) => letter.repeat(64)));
    expect(api.asked.map(({ method, path, query }) => [method, path, query])).toEqual([
      ["GET", NAMESPACES, { page: "1", per_page: "1000" }],
      ["GET", `${NAMESPACES}/n1/objects`, { limit: "10000" }],
      ["GET", `${NAMESPACES}/n1/objects`, { limit: "10000", cursor: "more" }],
      ["GET", `${NAMESPACES}/n3/objects`, { limit: "10000" }],
    ]);
    expect(new Set(api.asked.map(({ authorization }) => authorization))).toEqual(new Set(["Bearer a-token"]));
  });

  it("goes on to the next page of namespaces while there are more", async () => {
    const row = (n: number) => ({ id: `n${n}`, script: "curfew", class: "Town" });
    await using api = await serveJson(({ path, query }) =>
      path === NAMESPACES
        ? answered([row(Number(query["page"]))], { page: Number(query["page"]), total_count: 2 })
        : answered([{ id: path, hasStoredData: true }], { count: 1, cursor: "" }),
    );
    const ids = await all(cloudObjects({ account: "account", token: "the-token", api: api.url }, "curfew"));
    expect(ids).toEqual([`${NAMESPACES}/n1/objects`, `${NAMESPACES}/n2/objects`]);
  });

  it.each([
    [
      "says why it was refused",
      { status: 403, json: { success: false, errors: [{ code: 10000, message: "Authentication error" }] } },
      "Cloudflare's API refused (403): Authentication error (10000).",
    ],
    [
      "says when the Worker is not there",
      answered([{ id: "n2", script: "other", class: "Room" }], { total_count: 1 }),
      'The account has no Worker "curfew"',
    ],
    [
      "takes no other form for a list",
      { json: { result: { objects: [] } } },
      "in a form that is not known here",
    ],
  ])("%s", async (_, answer, sentence) => {
    await using api = await serveJson(() => answer);
    const objects = all(cloudObjects({ account: "account", token: "the-token", api: api.url }, "curfew"));
    await expect(objects).rejects.toThrow(sentence);
  });
});

describe("a Curfew that is asked about ids", () => {
  it.each([
    ["a hundred at once to look", false, 100],
    ["ten at once to end what nobody claims", true, 10],
  ])("is asked about %s", async (_, destroy, atOnce) => {
    await using curfew = await serveCurfew();
    const ids = townIds(250);
    const findings = await all(askAbout({ url: curfew.url, token: "owner" }, ids, destroy));
    expect(findings.map(({ id }) => id)).toEqual(ids);
    expect(curfew.asked).toHaveLength(Math.ceil(250 / atOnce));
    expect(curfew.asked[0]).toMatchObject({
      method: "POST",
      path: "/api/admin/orphans",
      authorization: "Bearer owner",
      body: { ids: ids.slice(0, atOnce), destroy },
    });
  });

  it("is not asked about what is no id: that is said of it, and the others are looked at all the same", async () => {
    await using curfew = await serveCurfew();
    const [one = "", two = ""] = townIds(2);
    const rubbish = ["mayor", `${one}x`, one.toUpperCase(), "../../x", "0".repeat(63), "f".repeat(1000)];
    const findings = await all(askAbout({ url: curfew.url, token: "owner" }, [one, ...rubbish, two], true));
    expect(curfew.asked.map(({ body }) => body)).toEqual([{ ids: [one, two], destroy: true }]);
    expect(findings.filter(({ standing }) => standing === "unknown")).toEqual(
      rubbish.map((id) => ({
        id,
        room: "",
        standing: "unknown",
        detail: "is no id of a town or an object",
        ended: null,
      })),
    );
    expect(findings).toHaveLength(rubbish.length + 2);
  });

  it("that refuses ends it, with the reason", async () => {
    await using curfew = await serveJson(() => ({
      status: 400,
      json: {
        type: "urn:curfew:problem:bad-request",
        kind: "bad-request",
        title: "-",
        status: 400,
        detail: "ids: has at most 100 ids",
      },
    }));
    const findings = all(askAbout({ url: curfew.url, token: "owner" }, townIds(1), false));
    await expect(findings).rejects.toThrow("refused (400): ids: has at most 100 ids");
  });
});

describe("npm run sweep", () => {
  it("reads ten thousand lines with other line ends, empty ones, rubbish and every id twice, and asks about each once", async () => {
    await using curfew = await serveCurfew();
    using folder = temporaryFolder();
    const file = join(folder.path, "ids.txt");
    const ids = townIds(200);
    const lines = Array.from({ length: 10_000 }, (_, n) => ids[n % ids.length] ?? "");
    writeFileSync(file, `\uFEFF${["", ...lines, "  rubbish  ", "rubbish"].join("\r\n")}\r\n`);
    const { stdout, stderr, status } = await runSweep(["--ids", file, "--url", curfew.url], {
      CURFEW_TOKEN: "an-owners-token",
    });
    expect(curfew.asked.flatMap(({ body }) => (body as { ids: string[] }).ids)).toEqual(ids);
    expect(stdout.trim().split("\n")).toHaveLength(ids.length + 1);
    expect(stdout).toContain("rubbish\tunknown\t\tis no id of a town or an object");
    expect(stderr).toContain("1 unknown");
    expect(stderr).toContain("200 tombstone");
    expect(`${stdout}${stderr}`).not.toContain("an-owners-token");
    expect(status).toBe(1);
  });
});

describe("the command line of the sweep", () => {
  const CLOUD = { CLOUDFLARE_API_TOKEN: "api", CLOUDFLARE_ACCOUNT_ID: "account" };

  it("asks the Curfew of this machine, with the token that is kept in the state folder, and ends nothing", async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, "token"), "kept\n");
    expect(
      await readWish(["--ids", "orphans.txt"], { CURFEW_STATE: folder.path, PORT: "9000" }, "/"),
    ).toEqual({
      curfew: { url: "http://localhost:9000", token: "kept" },
      ids: "orphans.txt",
      cloud: null,
      destroy: false,
    });
  });

  it("takes another Curfew, the cloud, and the word to end what nobody claims", async () => {
    const args = ["--cloud", "--url", "https://curfew.example", "--destroy"];
    expect(await readWish(args, { ...CLOUD, CURFEW_TOKEN: "the-owner" }, "/")).toEqual({
      curfew: { url: "https://curfew.example", token: "the-owner" },
      ids: null,
      cloud: { token: "api", account: "account" },
      destroy: true,
    });
  });

  it.each([
    [[], {}, "Nothing to look at: --ids or --cloud."],
    [["--token", "t"], {}, "Unknown option '--token'"],
    [["--ids", "f"], { CURFEW_STATE: "/nowhere" }, "No owner's token: set CURFEW_TOKEN"],
    [
      ["--cloud"],
      { CURFEW_TOKEN: "the-token" },
      "--cloud needs CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID",
    ],
    [
      ["--ids", "f", "--url", "curfew.example"],
      { CURFEW_TOKEN: "the-token" },
      "--url: curfew.example is no URL.",
    ],
  ])("says what is wrong with %o", async (args, env, sentence) => {
    await expect(readWish(args, env, "/")).rejects.toThrow(sentence);
  });
});
