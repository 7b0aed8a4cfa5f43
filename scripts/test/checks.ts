import { globSync } from "node:fs";
import { bin, ROOT } from "../root.ts";
import { runStep, type Step } from "./step.ts";

/** Every folder with types of its own has a tsconfig.json of its own. */
const typeChecks = (): Step[] =>
  globSync("{,*/,{bench,test}/*/}tsconfig.json", { cwd: ROOT, exclude: ["node_modules"] })
    .toSorted()
    .map((config) => ({ name: `types of ${config}`, command: [bin("tsc"), "-p", config] }));

/** What is looked at without running anything, by name. */
const CHECKS = {
  format: () => [{ name: "format", command: [bin("oxfmt"), "--check"] }],
  lint: () => [{ name: "lint", command: [bin("oxlint"), "--deny-warnings"] }],
  types: typeChecks,
  unused: () => [{ name: "unused code", command: [bin("knip")] }],
  build: () => [{ name: "build", command: ["scripts/build.ts"] }],
} as const satisfies Record<string, () => Step[]>;

export type CheckName = keyof typeof CHECKS;

export const CHECK_NAMES = Object.keys(CHECKS) as CheckName[];

/** @returns whether all passed */
export const runChecks = async (names: readonly CheckName[] = CHECK_NAMES): Promise<boolean> => {
  let passed = true;
  for (const step of names.flatMap((name): Step[] => CHECKS[name]()))
    passed = (await runStep(step)) && passed;
  return passed;
};
