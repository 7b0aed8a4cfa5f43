import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cloudObjects } from "../../scripts/sweep/cloud.ts";
import { readWish } from "../../scripts/sweep/command-line.ts";
import { askAbout } from "../../scripts/sweep/orphans.ts";
import { serveJson } from "../support/json-server.ts";
import { temporaryFolder } from "../support/temporary.ts";

const NAMESPACES = "/accounts/account/workers/durable_objects/namespaces";

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
    const ids = await all(cloudObjects({ account: "account", token: "t", api: api.url }, "curfew"));
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
    const objects = all(cloudObjects({ account: "account", token: "t", api: api.url }, "curfew"));
    await expect(objects).rejects.toThrow(sentence);
  });
});

describe("a Curfew that is asked about ids", () => {
  it("is asked about a hundred at once, and told whether to end what nobody claims", async () => {
    await using curfew = await serveJson(({ body }) => ({
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
    const ids = Array.from({ length: 250 }, (_, n) => `t${n}`);
    const findings = await all(askAbout({ url: curfew.url, token: "owner" }, ids, true));
    expect(findings.map(({ id }) => id)).toEqual(ids);
    expect(curfew.asked).toHaveLength(3);
    expect(curfew.asked[0]).toMatchObject({
      method: "POST",
      path: "/api/admin/orphans",
      authorization: "Bearer owner",
      body: { ids: ids.slice(0, 100), destroy: true },
    });
  });

  it("that refuses ends it, with the reason", async () => {
    await using curfew = await serveJson(() => ({
      status: 400,
      json: {
        type: "urn:curfew:problem:bad-request",
        kind: "bad-request",
        title: "-",
        status: 400,
        detail: "ids.0: is no id of a town or an object",
      },
    }));
    const findings = all(askAbout({ url: curfew.url, token: "owner" }, ["mayor"], false));
    await expect(findings).rejects.toThrow("refused (400): ids.0: is no id of a town or an object");
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
    expect(await readWish(args, { ...CLOUD, CURFEW_TOKEN: "owner" }, "/")).toEqual({
      curfew: { url: "https://curfew.example", token: "owner" },
      ids: null,
      cloud: { token: "api", account: "account" },
      destroy: true,
    });
  });

  it.each([
    [[], {}, "Nothing to look at: --ids or --cloud."],
    [["--token", "t"], {}, "Unknown option '--token'"],
    [["--ids", "f"], { CURFEW_STATE: "/nowhere" }, "No owner's token: set CURFEW_TOKEN"],
    [["--cloud"], { CURFEW_TOKEN: "t" }, "--cloud needs CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID"],
    [["--ids", "f", "--url", "curfew.example"], { CURFEW_TOKEN: "t" }, "--url: curfew.example is no URL."],
  ])("says what is wrong with %o", async (args, env, sentence) => {
    await expect(readWish(args, env, "/")).rejects.toThrow(sentence);
  });
});
