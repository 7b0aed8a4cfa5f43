import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/root.ts";
import { temporaryFolder } from "../support/temporary.ts";

const LOCK = { packages: { "": {}, "node_modules/a": { version: "1.0.0" } } };

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder.path, "scripts"));
  for (const script of ["run.mjs", "installed.mjs"]) {
    copyFileSync(join(ROOT, "scripts", script), join(folder.path, "scripts", script));
  }
  writeFileSync(join(folder.path, "package-lock.json"), JSON.stringify(LOCK));
  writeFileSync(join(folder.path, "scripts", "build.ts"), "process.exit(0);");
});
afterEach(() => folder[Symbol.dispose]());

/** What npm would leave. */
const install = (): void => {
  mkdirSync(join(folder.path, "node_modules", ".bin"), { recursive: true });
  symlinkSync(process.execPath, join(folder.path, "node_modules", ".bin", "node"));
  writeFileSync(join(folder.path, "node_modules", ".package-lock.json"), JSON.stringify(LOCK));
};

/** A program that stands for npm on this run's `PATH`; `did` is a file that shows that it ran. */
const standInNpm = (script: string): { readonly did: string } => {
  mkdirSync(join(folder.path, "bin"));
  const did = join(folder.path, "npm-ran");
  writeFileSync(join(folder.path, "bin", "npm"), `#!/bin/sh\necho "$@" > ${did}\n${script}\n`, {
    mode: 0o755,
  });
  return { did };
};

const run = (script: string, ...args: string[]): ChildProcess => {
  const env = { ...process.env, PATH: `${join(folder.path, "bin")}:${process.env["PATH"]}` };
  delete (env as NodeJS.ProcessEnv)["npm_execpath"];
  return spawn(process.execPath, [join(folder.path, "scripts", "run.mjs"), script, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
};

const finished = async (
  child: ChildProcess,
): Promise<{ code: number | null; said: string; printed: string }> => {
  let said = "";
  let printed = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, said, printed };
};

describe("scripts/run.mjs", () => {
  it("hands over to the installed Node, with its packages' commands first and the arguments", async () => {
    install();
    const npm = standInNpm("exit 1");
    writeFileSync(
      join(folder.path, "scripts", "build.ts"),
      `const words: string[] = process.argv.slice(2);
       console.log(process.execPath, words.join(), process.env.PATH?.split(":")[0], process.cwd());
       process.exit(7);`,
    );
    const { code, printed } = await finished(run("build", "a", "b"));
    expect(printed.trim().split(" ")).toEqual([
      process.execPath,
      "a,b",
      join(folder.path, "node_modules", ".bin"),
      folder.path,
    ]);
    expect(code).toBe(7);
    expect(existsSync(npm.did)).toBe(false);
  });

  it("installs what is locked first, if it is not there", async () => {
    const template = join(folder.path, "template");
    install();
    const npm = standInNpm(`mv ${template} node_modules`);
    await once(spawn("mv", [join(folder.path, "node_modules"), template]), "exit");
    const { code, said } = await finished(run("build"));
    expect(said).toContain("Installing packages");
    expect(readFileSync(npm.did, "utf8")).toMatch(/^ci /);
    expect(code).toBe(0);
  });

  it("says so when the packages can't be installed", async () => {
    standInNpm("echo 'no network' >&2; exit 1");
    const { code, said } = await finished(run("build"));
    expect(said).toContain("no network");
    expect(said).toContain("`npm ci` failed");
    expect(code).toBe(1);
  });

  it("knows no other scripts", async () => {
    install();
    const { code, said } = await finished(run("burn"));
    expect(said).toContain("Usage: node scripts/run.mjs start|dev|test|check|");
    expect(code).toBe(1);
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "passes %s on and ends when the script has ended",
    async (signal) => {
      install();
      writeFileSync(
        join(folder.path, "scripts", "build.ts"),
        `process.on("SIGTERM", () => { console.log("SIGTERM"); process.exit(0); });
       process.on("disconnect", () => process.exit(0));
       setInterval(() => {}, 1000);
       console.log("up");`,
      );
      const child = run("build");
      const output = finished(child);
      const [up] = (await once(child.stdout!, "data")) as [string];
      child.kill(signal);
      expect(await output).toMatchObject({ code: 0, printed: `${up}SIGTERM\n` });
    },
  );

  it("takes the script along when it is killed", async () => {
    install();
    writeFileSync(
      join(folder.path, "scripts", "build.ts"),
      `process.on("disconnect", () => { console.log("alone"); process.exit(0); });
       console.log("up");`,
    );
    const child = run("build");
    const output = finished(child);
    await once(child.stdout!, "data");
    child.kill("SIGKILL");
    expect((await output).printed).toBe("up\nalone\n");
  });
});
