import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isAlive, leftOf, startTestEngine, temporaryFolder } from "./with-engine.ts";

describe("a container's life", () => {
  test("runs the command in a folder of its own, with a port of its own", async () => {
    const engine = await startTestEngine();
    const a = await engine.serve("a");
    const b = await engine.serve("b");

    const environments = [await a.ask("/environment"), await b.ask("/environment")];
    expect(new Set(environments.map(({ PORT }) => PORT)).size).toBe(2);
    const folders = [await a.ask("/folder"), await b.ask("/folder")];
    expect(new Set(folders.map(({ path }) => path)).size).toBe(2);
    for (const { path } of folders) expect(path).toContain(join(engine.stateFolder, "work"));
    expect(engine.engine.list()).toMatchObject([
      { name: "a", state: "running", pid: a.pid },
      { name: "b", state: "running", pid: b.pid },
    ]);
  });

  test("sees nothing of the engine's environment but what every program needs", async () => {
    process.env["SECRET_OF_THE_HOST"] = "hush";
    const engine = await startTestEngine();
    const { ask } = await engine.serve("a", { GREETING: "a=b c", PORT: "1", HOME: "/root" });
    delete process.env["SECRET_OF_THE_HOST"];

    const environment = await ask("/environment");
    const { path } = await ask("/folder");
    expect(environment).toMatchObject({ GREETING: "a=b c", HOME: join(path, "home") });
    expect(environment["PORT"]).not.toBe("1");
    const host = new Set(["PATH", "LANG", "LC_ALL", "TZ", "TERM"]);
    expect(
      Object.keys(environment)
        .filter((name) => !host.has(name))
        .toSorted(),
    ).toEqual(["CURFEW_CONTAINER", "GREETING", "HOME", "PORT", "TMPDIR"]);
  });

  test("ends with the exit code of its process", async () => {
    const engine = await startTestEngine();
    await engine.run("a", { BEHAVIOUR: "exit 7" });

    const { status, body } = await engine.call("POST /containers/a/wait");
    expect([status, body]).toEqual([200, { StatusCode: 7 }]);
    expect((await engine.call("GET /containers/a/json")).body.State).toMatchObject({
      Status: "exited",
      ExitCode: 7,
    });
  });

  test("gets SIGTERM in its main process alone", async () => {
    const engine = await startTestEngine();
    const JOURNAL = join(temporaryFolder(), "journal");
    const { ask } = await engine.serve("a", { JOURNAL });
    await ask("/spawn");

    // SIGUSR2 ends a process that has no handler for it, as the child in the same group is one.
    expect((await engine.call("POST /containers/a/kill?signal=SIGUSR2")).status).toBe(204);
    expect(await ask("/ping-child")).toBe("pong");
    expect((await engine.call("POST /containers/a/kill?signal=15")).status).toBe(204);
    expect((await engine.call("POST /containers/a/wait")).body).toEqual({ StatusCode: 0 });
    expect(readFileSync(JOURNAL, "utf8").split("\n")).toEqual(["listening", "SIGUSR2", "SIGTERM", ""]);
  });

  test("ends with 137 on SIGKILL, with its group and what has left the group", async () => {
    const engine = await startTestEngine();
    const { ask } = await engine.serve("a", { BEHAVIOUR: "stubborn" });
    const { main, near, away } = await ask("/spawn");
    expect([main, near, away].map(isAlive)).toEqual([true, true, true]);

    const waiting = engine.call("POST /containers/a/wait");
    expect((await engine.call("POST /containers/a/kill?signal=SIGKILL")).status).toBe(204);
    expect((await waiting).body).toEqual({ StatusCode: 137 });
    await expect.poll(() => [main, near, away].map(isAlive)).toEqual([false, false, false]);
  });

  test("takes with it what its main process leaves behind when it exits", async () => {
    const engine = await startTestEngine();
    const { ask } = await engine.serve("a");
    const { near, away } = await ask("/spawn");

    await ask("/crash").catch(() => {});
    expect((await engine.call("POST /containers/a/wait")).body).toEqual({ StatusCode: 7 });
    await expect.poll(() => [near, away].map(isAlive)).toEqual([false, false]);
  });

  test("takes with it what has dropped its environment but not its group", async () => {
    const command = ["sh", "-c", "env -i sh -c 'echo child $$; exec sleep 1000' & exec sleep 1000"];
    const engine = await startTestEngine({ command });
    await engine.run("a");
    const child = Number((await engine.logged(/: child \d+$/)).split(" ").at(-1));
    await engine.call("POST /containers/a/kill?signal=SIGTERM");
    expect((await engine.call("POST /containers/a/wait")).body).toEqual({ StatusCode: 143 });
    await expect.poll(() => isAlive(child)).toBe(false);
  });

  test.each(["SIGTERM", "SIGKILL"])(
    "takes with it what has dropped all but its parent, by %s",
    async (signal) => {
      const command = ["sh", "-c", "env -i setsid sh -c 'echo child $$; exec sleep 1000' & exec sleep 1000"];
      const engine = await startTestEngine({ command });
      await engine.run("a");
      const child = Number((await engine.logged(/: child \d+$/)).split(" ").at(-1));
      await engine.call(`POST /containers/a/kill?signal=${signal}`);
      await engine.call("POST /containers/a/wait");
      expect(isAlive(child)).toBe(false);
    },
  );

  test("leaves other containers alone when it ends", async () => {
    const engine = await startTestEngine();
    await engine.run("a");
    const b = await engine.run("b");

    await engine.call("DELETE /containers/a?force=true");
    expect(leftOf(engine.stateFolder)).toEqual([b]);
  });

  test("has an empty disk at every start and none after its end", async () => {
    const engine = await startTestEngine();
    const first = await engine.serve("a");
    await first.ask("/write");
    const { path, entries } = await first.ask("/folder");
    expect(entries).toEqual(["home", "left-behind", "tmp"]);

    await engine.call("POST /containers/a/kill");
    expect(existsSync(path)).toBe(false);
    expect((await engine.call("POST /containers/a/start")).status).toBe(204);
    expect(readdirSync(path).toSorted()).toEqual(["home", "tmp"]);
  });

  test("leaves no disk even if what is on it was made read-only", async () => {
    const make = "mkdir -p a/b && touch a/b/c && chmod 500 a/b a home . && exit 0";
    const engine = await startTestEngine({ command: ["sh", "-c", make] });
    await engine.run("a");
    expect((await engine.call("POST /containers/a/wait")).body).toEqual({ StatusCode: 0 });
    expect(readdirSync(join(engine.stateFolder, "work"))).toEqual([]);
  });

  test("is refused clearly when its program can't be started", async () => {
    const engine = await startTestEngine({ command: ["/nonexistent/program"] });
    await engine.create("a");

    const { status, body } = await engine.call("POST /containers/a/start");
    expect(status).toBe(500);
    expect(body.message).toContain("ENOENT");
    expect((await engine.call("GET /containers/a/json")).body.State.Status).toBe("created");
  });

  test("tells each line that it prints to the log", async () => {
    const engine = await startTestEngine({ command: ["sh", "-c", "echo one; echo two >&2; exit 3"] });
    await engine.run("a");
    expect(await engine.logged(/: one$/)).toBeDefined();
    expect(await engine.logged(/: two$/)).toBeDefined();
  });
});
