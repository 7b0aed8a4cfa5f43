import { globSync } from "node:fs";
import { bin, ROOT } from "../root.ts";
import { runStep, type Step } from "./step.ts";

/** Every folder with types of its own has a tsconfig.json of its own. */
const typeChecks = (): Step[] =>
  globSync("{,*/,{bench,test}/*/}tsconfig.json", { cwd: ROOT, exclude: ["node_modules"] })
    .toSorted()
    .map((config) => ({ name: `types of ${config}`, command: [bin("tsc"), "-p", config] }));

/** What is looked at without running anything: format, lint, types, code that nobody uses. */
export const runChecks = async (): Promise<boolean> => {
  const steps: Step[] = [
    { name: "format", command: [bin("oxfmt"), "--check"] },
    { name: "lint", command: [bin("oxlint"), "--deny-warnings"] },
    ...typeChecks(),
    { name: "unused code", command: [bin("knip")] },
    { name: "build of the page", command: ["scripts/build.ts"] },
  ];
  let passed = true;
  for (const step of steps) passed = (await runStep(step)) && passed;
  return passed;
};
