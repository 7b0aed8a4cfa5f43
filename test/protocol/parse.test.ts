import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { CloseCode, isFinalClose } from "../../src/protocol/close-codes.ts";
import { parseDuration } from "../../src/protocol/duration.ts";
import { parse, parseFrame } from "../../src/protocol/parse.ts";
import { Problem, problem, PROBLEMS, Refusal, type ProblemKind } from "../../src/protocol/problem.ts";
import { NewBead } from "../../src/protocol/bead.ts";
import { NewRig } from "../../src/protocol/rig.ts";

const refusalOf = (work: () => unknown): Problem => {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error.problem;
    throw error;
  }
  throw new Error("it was taken");
};

describe("parsing what came over a boundary", () => {
  test("A5: a refusal names each field with what is wrong with it", () => {
    expect(refusalOf(() => parse(NewBead, { rig: "Rig!", title: " " }))).toMatchObject({
      kind: "bad-request",
      status: 400,
      detail:
        "rig: a rig's name is 1 to 40 small letters, digits, - or _, and starts with a letter or digit; " +
        "title: must not be empty",
    });
  });

  test("A5: a refusal names at most five of the things that are wrong", () => {
    const gates = Array.from({ length: 9 }, () => 1);
    const { detail } = refusalOf(() => parse(NewRig, { name: "a", gitUrl: "/a", gates }));
    expect(detail.split("; ")).toHaveLength(5);
  });

  test("A5: what nobody knows is refused, not ignored", () => {
    expect(refusalOf(() => parse(NewBead, { rig: "a", title: "b", sudo: true })).detail).toContain("sudo");
  });

  test("a value that is refused is not in the refusal: it may be a secret", () => {
    const credential = { kind: "token", token: "hunter2\n" };
    const { detail } = refusalOf(() => parse(NewRig, { name: "a", gitUrl: "/a", credential }));
    expect(detail).toBe("credential.token: a token is one line");
  });

  test.for(["\0", "\x1b[31m", "\x7f", "\x85", "\n"])("a credential with %j in it is refused", (mark) => {
    for (const change of [{ username: `me${mark}` }, { token: `hunter2${mark}` }]) {
      const credential = { kind: "token", token: "hunter2", ...change };
      const { detail } = refusalOf(() => parse(NewRig, { name: "a", gitUrl: "/a", credential }));
      expect(detail).toMatch(/^credential[.:]/);
    }
  });

  test("a frame is parsed or null: never an error", () => {
    const schema = v.object({ n: v.number() });
    expect(parseFrame(schema, '{"n":1}')).toEqual({ n: 1 });
    for (const text of ['{"n":"1"}', "{", "", "null", new ArrayBuffer(2), undefined])
      expect(parseFrame(schema, text)).toBeNull();
  });
});

describe("refusals", () => {
  test("RFC 9457: every kind has its status, and makes a problem that fits the schema", () => {
    for (const kind of Object.keys(PROBLEMS) as ProblemKind[]) {
      const made = problem(kind, "why");
      expect(v.parse(Problem, made)).toEqual(made);
      expect(made.type).toBe(`urn:curfew:problem:${kind}`);
      expect(made.status).toBeGreaterThanOrEqual(400);
      expect(made.status).toBeLessThan(600);
    }
  });
});

describe("close codes", () => {
  test("every code but 4503 is final: a client that gets it stops connecting", () => {
    expect(Object.entries(CloseCode).filter(([, code]) => !isFinalClose(code))).toEqual([["tryAgain", 4503]]);
  });

  test("codes of the network are not final", () => {
    for (const code of [1000, 1001, 1005, 1006, 1011, 1012]) expect(isFinalClose(code)).toBe(false);
  });

  test("are all different and in the range for applications", () => {
    const codes = Object.values(CloseCode);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(code >= 4000 && code <= 4999).toBe(true);
  });
});

describe("a duration", () => {
  test("is a number and a unit", () => {
    expect(["250ms", "5s", "1.5m", "2h", "1d", " 30m "].map(parseDuration)).toEqual([
      250, 5000, 90_000, 7_200_000, 86_400_000, 1_800_000,
    ]);
  });

  test("is nothing else", () => {
    for (const text of ["", "5", "s", "-5s", "5 s", "5S", "1e3s", "Infinitys", "5sm"])
      expect([text, parseDuration(text)]).toEqual([text, null]);
  });
});
