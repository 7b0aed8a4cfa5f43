import { once } from "node:events";
import { constants } from "node:os";
import { PassThrough } from "node:stream";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { containerEnvironment } from "../../engine/environment.ts";
import { eachLine } from "../../engine/lines.ts";
import { exitCodeOf, parseSignal } from "../../engine/signals.ts";

const own = { HOME: "/h", TMPDIR: "/t", PORT: "1", CURFEW_CONTAINER: "e-c" };

describe("a container's environment", () => {
  test("holds no variable of the host that is not on the list", () => {
    const allowed = new Set(["PATH", "LANG", "LC_ALL", "TZ", "TERM", ...Object.keys(own)]);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (host) => {
        const names = Object.keys(containerEnvironment({ ...host, PATH: "/bin" }, [], own));
        expect(names.filter((name) => !allowed.has(name))).toEqual([]);
        expect(names).toContain("PATH");
      }),
    );
  });

  test("takes the create call's word over the host's, and the engine's over both", () => {
    const created = ["TZ=UTC", "PORT=80", "EMPTY=", "EQUATION=a=b"];
    expect(containerEnvironment({ TZ: "CET", HOME: "/root" }, created, own)).toEqual({
      ...own,
      TZ: "UTC",
      EMPTY: "",
      EQUATION: "a=b",
    });
  });
});

describe("a signal", () => {
  test("is known by its name, its short name and its number", () => {
    for (const [name, number] of Object.entries(constants.signals)) {
      for (const text of [name, name.slice(3), name.toLowerCase(), String(number)]) {
        const parsed = parseSignal(text);
        expect(parsed && constants.signals[parsed]).toBe(number);
      }
    }
  });

  test("is nothing else", () => {
    for (const text of ["", "0", "-9", "99", "SIG", "NONSENSE", "toString"]) {
      expect(parseSignal(text)).toBeNull();
    }
  });

  test("that ended a process makes its exit code, as a shell counts", () => {
    expect(exitCodeOf(3, null)).toBe(3);
    expect(exitCodeOf(null, "SIGKILL")).toBe(137);
    expect(exitCodeOf(null, "SIGTERM")).toBe(143);
  });
});

describe("the lines of a container's output", () => {
  test("are the same however the output is cut into pieces", async () => {
    const line = fc.stringMatching(/^[a-zé€]{0,20}$/);
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 7 }), async (wanted, size) => {
        const stream = new PassThrough();
        const got: string[] = [];
        eachLine(stream, (one) => got.push(one));
        const bytes = Buffer.from(wanted.map((one) => `${one}\n`).join(""));
        for (let at = 0; at < bytes.length; at += size) stream.write(bytes.subarray(at, at + size));
        stream.end();
        await once(stream, "end");
        expect(got).toEqual(wanted);
      }),
    );
  });

  test("are cut where they would fill the memory, and the last needs no newline", async () => {
    const stream = new PassThrough();
    const got: string[] = [];
    eachLine(stream, (one) => got.push(one));
    stream.write("x".repeat(10_000));
    stream.end("y\nlast");
    await once(stream, "end");
    expect(got).toEqual(["x".repeat(8192), "last"]);
  });
});
