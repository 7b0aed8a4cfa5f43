import { defineConfig } from "vitest/config";
import { insideWorkerd } from "./test/inside-workerd.ts";
import { SCHEDULES_ON_REAL_ROOMS, SEED } from "./test/model-check/settings.ts";
import { PATIENCE_MS, TEST_MS } from "./test/support/patience.ts";
import { IS_SOAK } from "./test/support/soak.ts";

const inAreas = (...areas: string[]): string[] => areas.map((area) => `test/${area}/**/*.test.{ts,tsx}`);

const PATIENT = { testTimeout: TEST_MS, hookTimeout: TEST_MS, expect: { poll: { timeout: PATIENCE_MS } } };

export default defineConfig({
  test: {
    // Two for two cores: most of these tests wait for processes of their own.
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...PATIENT,
          name: "unit",
          include: inAreas(
            "lifecycle",
            "protocol",
            "storage",
            "town",
            "idle",
            "agent",
            "user",
            "ledger",
            "auth",
            "model",
            "model-check",
            "mcp",
            "client",
            "git",
            "container",
            "processes",
            "container-object",
            "scripts",
            "docs",
          ),
        },
      },
      {
        // Inside workerd, with the real rooms.
        logLevel: "error",
        plugins: [insideWorkerd("./test/rooms/worker.ts")],
        test: {
          ...PATIENT,
          name: "rooms",
          include: inAreas("rooms", "http"),
          setupFiles: ["test/rooms/setup.ts"],
        },
      },
      {
        // The same above the real container library, in simulated time, with everything counted.
        logLevel: "error",
        plugins: [insideWorkerd("./bench/rooms/worker.ts")],
        test: {
          ...PATIENT,
          name: "time",
          include: inAreas("time"),
          // The environment is not to be seen from there.
          provide: { schedules: SCHEDULES_ON_REAL_ROOMS, seed: SEED },
          setupFiles: ["test/rooms/setup.ts"],
        },
      },
      {
        // Whole instances, engines and browsers: one file after the other, when the rest is done.
        test: {
          ...PATIENT,
          name: "system",
          include: inAreas("engine", "system", "upgrade", "e2e", ...(IS_SOAK ? ["soak"] : [])),
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
