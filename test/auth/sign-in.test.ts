import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { identifyRequest } from "../../src/auth/bearer.ts";
import type { SessionSecrets } from "../../src/auth/session.ts";
import { signIn } from "../../src/auth/sign-in.ts";

const ENV: SessionSecrets = { CURFEW_TOKEN: "right & good", CURFEW_SECRET: "the secret" };
const TOKEN = encodeURIComponent(ENV.CURFEW_TOKEN);
const NOW = 1_790_000_000_000;

const open = () => {
  const welcomed: string[] = [];
  const app = new Hono<{ Bindings: SessionSecrets }>();
  app.use(
    "*",
    signIn<SessionSecrets>(
      async (user) => {
        welcomed.push(user);
      },
      () => NOW,
    ),
  );
  app.all("*", (c) => c.text("the page"));
  const get = (url: string, method = "GET", accept = "*/*") =>
    app.fetch(new Request(url, { method, headers: { accept } }), ENV);
  return { get, welcomed };
};

describe("signing in", () => {
  it("exchanges the token for a cookie and sends the browser to the same page without it", async () => {
    const { get, welcomed } = open();
    const response = await get(`http://localhost:8787/town/x?a=1&token=${TOKEN}&b=2`);
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/town/x?a=1&b=2");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    expect(await response.text()).toBe("");
    expect(welcomed).toEqual(["owner"]);

    const [cookie] = (response.headers.get("set-cookie") as string).split(";");
    const next = new Request("http://localhost:8787/", { headers: { cookie: cookie as string } });
    expect(await identifyRequest(next, ENV, NOW)).toEqual({ kind: "owner", user: "owner" });
  });

  it("gives a cookie that no script reads, no other site sends, and https keeps on https", async () => {
    const { get } = open();
    const cookieAt = async (url: string) =>
      (await get(`${url}/?token=${TOKEN}`)).headers.get("set-cookie") as string;
    const plain = await cookieAt("http://localhost:8787");
    expect(plain).toMatch(/^curfew_8787=/);
    expect(plain.split("; ").slice(1).toSorted()).toEqual([
      "HttpOnly",
      "Max-Age=2592000",
      "Path=/",
      "SameSite=Strict",
    ]);
    expect(plain).not.toContain(TOKEN);
    const secure = await cookieAt("https://curfew.example.com");
    expect(secure).toMatch(/^curfew_443=/);
    expect(secure).toContain("; Secure");
  });

  it.each(["wrong", "", "right", `${TOKEN}x`])(
    "refuses a wrong token and doesn't repeat it: %j",
    async (token) => {
      const { get, welcomed } = open();
      const response = await get(`http://localhost:8787/?token=${token}`);
      expect(response.status).toBe(401);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.get("referrer-policy")).toBe("no-referrer");
      expect(response.headers.get("set-cookie")).toBeNull();
      expect(await response.text()).not.toContain("right");
      expect(welcomed).toEqual([]);
    },
  );

  it("sends a browser with a wrong token to the page, which asks for the right one", async () => {
    const { get, welcomed } = open();
    const response = await get("http://localhost:8787/towns/x?token=wrong", "GET", "text/html,*/*;q=0.8");
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/towns/x");
    expect(response.headers.get("set-cookie")).toBeNull();
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(welcomed).toEqual([]);
  });

  it("can't be used to send a browser to another host", async () => {
    const { get } = open();
    const response = await get(`http://localhost:8787//evil.example.com/?token=${TOKEN}`);
    expect(response.headers.get("location")).toBe("/evil.example.com/");
  });

  it("leaves other requests alone", async () => {
    const { get } = open();
    expect(await (await get("http://localhost:8787/")).text()).toBe("the page");
    expect(await (await get(`http://localhost:8787/?token=${TOKEN}`, "POST")).text()).toBe("the page");
  });
});
