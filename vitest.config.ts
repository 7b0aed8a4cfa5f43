import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const inAreas = (...areas: string[]): string[] => areas.map((area) => `test/${area}/**/*.test.{ts,tsx}`);

export default defineConfig({
  test: {
    // Two for two cores: most of these tests wait for processes of their own.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          include: inAreas(
            "lifecycle",
            "protocol",
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
            "scripts",
          ),
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        // Inside workerd, with the real rooms.
        logLevel: "error",
        plugins: [
          cloudflareTest(async () => ({
            main: "./test/rooms/worker.ts",
            wrangler: { configPath: "./wrangler.jsonc" },
            remoteBindings: false,
            miniflare: {
              bindings: {
                CURFEW_TOKEN: "the-owner's-token",
                CURFEW_SECRET: "a-secret",
                CURFEW_ENGINE: "process",
                MIGRATIONS: await readD1Migrations("migrations"),
              },
            },
          })),
        ],
        test: {
          name: "rooms",
          include: inAreas("rooms", "http"),
          setupFiles: ["test/rooms/setup.ts"],
          testTimeout: 30_000,
        },
      },
      {
        // Whole instances, engines and browsers: one file after the other, when the rest is done.
        test: {
          name: "system",
          include: inAreas("engine", "system", "e2e"),
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
