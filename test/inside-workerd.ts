import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";

/** Runs tests inside workerd, beside the rooms of the Worker `main`. */
export const insideWorkerd = (main: string): ReturnType<typeof cloudflareTest> =>
  cloudflareTest(async () => ({
    main,
    wrangler: { configPath: "./wrangler.jsonc" },
    remoteBindings: false,
    miniflare: {
      bindings: {
        CURFEW_TOKEN: "the-owner's-token",
        CURFEW_SECRET: "a-secret-of-the-tests",
        CURFEW_ENGINE: "process",
        MIGRATIONS: await readD1Migrations("migrations"),
      },
    },
  }));
