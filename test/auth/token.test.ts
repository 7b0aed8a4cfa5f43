import { sign } from "hono/jwt";
import { describe, expect, it } from "vitest";
import { type Claims, mint, readToken } from "../../src/auth/token.ts";

const SECRET = "a secret of this test";
const TOWN = `t${"a".repeat(20)}`;

const container: Claims = { kind: "container", town: TOWN, life: 3 };
const agent: Claims = { kind: "agent", town: TOWN, agent: "polecat-7", role: "polecat", process: "p1" };

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a process's token", () => {
  it.each([container, agent])("gives back the claims of a $kind", async (claims) => {
    expect(await readToken(SECRET, await mint(SECRET, claims))).toEqual(claims);
  });

  it("is the same for the same claims, so that minting again changes nothing", async () => {
    expect(await mint(SECRET, agent)).toBe(await mint(SECRET, { ...agent }));
  });

  it("is nothing to another secret", async () => {
    expect(await readToken("another secret", await mint(SECRET, agent))).toBeNull();
  });

  it("is nothing once its payload was changed", async () => {
    const [head, , signature] = (await mint(SECRET, agent)).split(".");
    const [, other] = (await mint(SECRET, { ...agent, agent: "mayor", role: "mayor" })).split(".");
    expect(await readToken(SECRET, `${head}.${other}.${signature}`)).toBeNull();
  });

  it.each(["", "x", "a.b.c", "..", `${"x".repeat(10_000)}.y.z`])("is not any text (%#)", async (text) => {
    expect(await readToken(SECRET, text)).toBeNull();
  });

  it("is not an unsigned token", async () => {
    expect(await readToken(SECRET, `${part({ alg: "none", typ: "JWT" })}.${part(agent)}.`)).toBeNull();
  });

  it("is not a token that was signed in another way", async () => {
    expect(await readToken(SECRET, await sign({ ...agent }, SECRET, "HS512"))).toBeNull();
  });

  it.each([
    { ...container, life: 0 },
    { ...container, town: "../x" },
    { ...agent, agent: "polecat-0" },
    { ...agent, role: "owner" },
    { ...agent, process: "" },
    { ...agent, more: true },
    { kind: "owner", user: "owner" },
  ])("is not one that says what no process is, even if we signed it (%#)", async (claims) => {
    expect(await readToken(SECRET, await sign({ ...claims }, SECRET, "HS256"))).toBeNull();
  });

  it("can't be read, nor minted, without a secret", async () => {
    expect(await readToken("", await mint(SECRET, agent))).toBeNull();
    await expect(mint("", agent)).rejects.toThrow("key");
  });
});
