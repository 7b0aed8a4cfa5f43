import { defineConfig } from "vitest/config";
import { insideWorkerd } from "../../test/inside-workerd.ts";

export default defineConfig({
  logLevel: "error",
  plugins: [insideWorkerd("./bench/rooms/worker.ts")],
  test: {
    root: ".",
    include: ["bench/rooms/*.run.ts"],
    setupFiles: ["test/rooms/setup.ts"],
    testTimeout: 600_000,
  },
});
