import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  logLevel: "error",
  plugins: [
    cloudflareTest(async () => ({
      main: "./bench/idle/worker.ts",
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
  test: { include: ["bench/idle/*.run.ts"], setupFiles: ["test/rooms/setup.ts"], testTimeout: 600_000 },
});
