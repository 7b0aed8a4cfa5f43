import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/root.ts";
import { fingerprint } from "../../scripts/build/fingerprint.ts";
import { takeLock } from "../../scripts/start/lock.ts";
import { keptSecret } from "../../scripts/start/secrets.ts";
import { onceFor } from "../../scripts/build/stamp.ts";
import { temporaryFolder } from "../support/temporary.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

describe("A kept secret", () => {
  it("is made once, also by starts at the same time, and closed to other users", async () => {
    const path = join(folder.path, "token");
    const [one, other] = await Promise.all([keptSecret(path), keptSecret(path)]);
    expect(one).toMatch(/^[\w-]{43}$/);
    expect(other).toBe(one);
    chmodSync(path, 0o644);
    expect(await keptSecret(path)).toBe(one);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("is not taken from an empty file", async () => {
    const path = join(folder.path, "token");
    writeFileSync(path, "\n");
    await expect(keptSecret(path)).rejects.toThrow("is empty");
  });
});

describe("A lock", () => {
  it("has one holder", () => {
    const path = join(folder.path, "lock");
    const release = takeLock(path);
    expect(takeLock(path)).toBeNull();
    release?.();
    const again = takeLock(path);
    expect(again).not.toBeNull();
    again?.();
  });

  it("ends with the process that holds it, however that ends", async () => {
    const path = join(folder.path, "lock");
    const holder = spawn(
      process.execPath,
      [
        "--input-type=module-typescript",
        "--eval",
        `const { takeLock } = await import(${JSON.stringify(join(ROOT, "scripts/start/lock.ts"))});
         takeLock(${JSON.stringify(path)});
         console.log("held");
         setInterval(() => {}, 1000);`,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(holder.stdout, "data");
    expect(takeLock(path)).toBeNull();
    const ended = once(holder, "exit");
    holder.kill("SIGKILL");
    await ended;
    const release = takeLock(path);
    expect(release).not.toBeNull();
    release?.();
  });
});

describe("A fingerprint", () => {
  it("changes with a path or a content, and not with a time", async () => {
    mkdirSync(join(folder.path, "a"));
    const write = (file: string, content: string): void => writeFileSync(join(folder.path, file), content);
    const take = (): Promise<string> => fingerprint(folder.path, ["a", "b"]);
    write("a/one", "1");
    write("b", "2");
    const first = await take();
    write("a/one", "1");
    expect(await take()).toBe(first);
    write("a/one", "3");
    expect(await take()).not.toBe(first);
    write("a/one", "1");
    write("a/two", "");
    expect(await take()).not.toBe(first);
  });
});

describe("Stamped work", () => {
  it("is done once for a fingerprint, and again after it failed", async () => {
    const stamp = join(folder.path, "stamps", "work");
    let done = 0;
    const work = async (): Promise<void> => {
      done++;
    };
    expect(await onceFor(stamp, "1", work)).toBe(true);
    expect(await onceFor(stamp, "1", work)).toBe(false);
    expect(readFileSync(stamp, "utf8")).toBe("1");
    await expect(onceFor(stamp, "2", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await onceFor(stamp, "1", work)).toBe(true);
    expect(done).toBe(2);
  });
});
