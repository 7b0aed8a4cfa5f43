import { join } from "node:path";
import { startVitest } from "vitest/node";
import { report } from "./report.ts";
import type { Lived } from "./lived.ts";

/** Lives through the scenarios inside workerd. @throws Error if one of them breaks off */
const liveThrough = async (): Promise<Record<string, Lived>> => {
  const vitest = await startVitest("test", [], {
    config: join(import.meta.dirname, "../rooms/vitest.config.ts"),
    watch: false,
    reporters: [{}],
  });
  try {
    const tests = vitest.state.getTestModules().flatMap(({ children }) => [...children.allTests()]);
    return Object.fromEntries(
      tests.map((test) => {
        const { lived } = test.meta();
        if (lived === undefined)
          throw new Error(`"${test.name}" broke off: ${JSON.stringify(test.result())}`);
        return [test.name, lived];
      }),
    );
  } finally {
    await vitest.close();
  }
};

/** The report of `npm run bench -- idle`. */
export const run = async (): Promise<string> => {
  const { "left alone": alone, watched, used } = await liveThrough();
  if (!alone || !watched || !used) throw new Error("a scenario is missing");
  return report({ alone, watched, used });
};
