import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { socketPlace } from "../../engine/socket-place.ts";
import { startTestEngine, temporaryFolder } from "./with-engine.ts";

describe("the engine's socket", () => {
  test("lies in the state folder, which is closed to other users", async () => {
    const { host, stateFolder } = await startTestEngine();
    expect(host).toBe(`unix://${join(stateFolder, "engine.sock")}`);
    expect(statSync(stateFolder).mode & 0o777).toBe(0o700);
  });

  test("lies in a closed temporary folder if that path is too long, until the end", async () => {
    const folder = temporaryFolder();
    const engine = await startTestEngine({ stateFolder: join(folder, "deep".repeat(30)) });
    const socket = engine.host.slice("unix://".length);
    expect(dirname(dirname(socket))).toBe(tmpdir());
    expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
    expect((await engine.call("GET /volumes")).status).toBe(200);

    await engine.engine.close();
    expect(existsSync(dirname(socket))).toBe(false);
  });

  test("is not put into a folder that others can write to", () => {
    const folder = temporaryFolder();
    const place = socketPlace({ id: "0123456789ab", socket: join(folder, "deep".repeat(30)) }, folder);
    mkdirSync(dirname(place.path));
    chmodSync(dirname(place.path), 0o777);
    expect(() => place.prepare()).toThrow("closed to others");
  });
});
