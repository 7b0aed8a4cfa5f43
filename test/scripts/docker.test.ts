import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startDocker } from "../../scripts/start/docker.ts";
import { temporaryFolder } from "../support/temporary.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv("DOCKER_HOST", "");
});
afterEach(() => {
  vi.unstubAllEnvs();
  folder[Symbol.dispose]();
});

/** What stands for Docker's command: it keeps what it was asked, and two containers of an earlier start run. */
const standIn = (broken: string): { asked(): string[] } => {
  const bin = join(folder.path, "bin");
  const log = join(folder.path, "asked");
  mkdirSync(bin);
  writeFileSync(
    join(bin, "docker"),
    `#!/bin/sh
echo "$@" >> ${log}
case "$1" in
  ${broken}) echo "no such luck" >&2; exit 1 ;;
  context) echo unix:///run/some.sock ;;
  ps) printf 'one\\ntwo\\n' ;;
esac
`,
  );
  chmodSync(join(bin, "docker"), 0o755);
  vi.stubEnv("PATH", `${bin}${delimiter}${process.env["PATH"]}`);
  return { asked: () => readFileSync(log, "utf8").trim().split("\n") };
};

const start = () => startDocker("/some/state", () => {}, new AbortController().signal);

describe("Docker", () => {
  it("gets an image of the state folder's own, and loses what an earlier start and this one have left", async () => {
    const docker = standIn("nothing");
    const engine = await start();
    expect(engine.address).toBe("unix:///run/some.sock");
    expect(engine.image).toMatch(/^curfew:[0-9a-f]{12}$/);
    const begun = docker.asked();
    expect(begun).toEqual([
      "version",
      "context inspect --format {{.Endpoints.docker.Host}}",
      `ps -aq --filter ancestor=${engine.image}`,
      "rm --force one two",
      `build --tag ${engine.image} --file container/Dockerfile .`,
      `pull ${engine.sideCarImage}`,
    ]);
    await engine.close();
    expect(docker.asked().slice(begun.length)).toEqual([begun[2], begun[3]]);
  });

  it.each([
    ["version", "CURFEW_ENGINE is docker, but Docker does not answer: no such luck"],
    ["build", "The containers' image can't be built: no such luck"],
    ["pull", "The image of containers' side cars can't be pulled: no such luck"],
  ])("that fails at %s is a reason not to start", async (command, sentence) => {
    standIn(command);
    await expect(start()).rejects.toThrow(sentence);
  });
});
