import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const TEST = join(import.meta.dirname, "..");

const spec = readFileSync(join(TEST, "..", "docs", "SPEC.md"), "utf8");
const RULES = [...spec.matchAll(/^- \*\*([A-Z]+\d+)\*\*/gm)].map(([, rule = ""]) => rule);

/** What tests are called, and what is said about them: every text that may cite a rule. */
const texts = readdirSync(TEST, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.test\.tsx?$/.test(file) && !file.startsWith("docs/"))
  .map((file) => ({ file, text: readFileSync(join(TEST, file), "utf8") }));

/** The rules from one to another: `R9–R12`. */
const range = (from: string, to: string): string[] => {
  const [, letter = "", first = ""] = /^([A-Z]+)(\d+)$/.exec(from) ?? [];
  const last = Number(/\d+$/.exec(to)?.[0]);
  return Array.from({ length: last - Number(first) + 1 }, (_, n) => `${letter}${Number(first) + n}`);
};

const cited = new Set(
  texts.flatMap(({ text }) => [
    ...[...text.matchAll(/\b[A-Z]\d+\b/g)].map(([rule]) => rule),
    ...[...text.matchAll(/\b([A-Z]\d+)–([A-Z]\d+)\b/g)].flatMap(([, from = "", to = ""]) => range(from, to)),
  ]),
);

describe("docs/SPEC.md", () => {
  it("gives each number once", () => {
    expect(new Set(RULES).size).toBe(RULES.length);
    expect(RULES.length).toBeGreaterThan(50);
  });

  it("every rule is cited by a test", () => {
    expect(RULES.filter((rule) => !cited.has(rule))).toEqual([]);
  });

  it("has every rule by whose number a test begins its name", () => {
    const unknown = texts.flatMap(({ file, text }) =>
      [...text.matchAll(/["'`]([A-Z]\d+(?:, [A-Z]\d+)*): /g)]
        .flatMap(([, rules = ""]) => rules.split(", "))
        .filter((rule) => !RULES.includes(rule))
        .map((rule) => `${file}: ${rule}`),
    );
    expect(unknown).toEqual([]);
  });
});
