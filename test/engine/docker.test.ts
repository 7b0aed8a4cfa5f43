import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { startTestEngine } from "./with-engine.ts";

const FROM_WRANGLER = [
  "info",
  "build --load -t curfew:dev --platform linux/amd64 --provenance=false -f - .",
  "pull curfew-side-car:engine",
  "ps -a --filter ancestor=curfew:dev --format {{.ID}}",
];

test("what stands for the Docker CLI takes each command of wrangler's and says nothing", async () => {
  const { engine } = await startTestEngine();
  for (const command of FROM_WRANGLER) {
    const child = spawn(engine.environment["WRANGLER_DOCKER_BIN"] ?? "", command.split(" "), {
      stdio: [command.startsWith("build") ? "pipe" : "ignore", "pipe", "inherit"],
    });
    // More than a pipe holds: a CLI that doesn't read it all makes the writer fail.
    child.stdin?.end("#".repeat(1_000_000));
    const [printed] = await Promise.all([text(child.stdout as Readable), once(child, "close")]);
    expect([child.exitCode, printed]).toEqual([0, ""]);
  }
});
