import { createServer } from "node:net";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Curfew, startCurfew } from "../support/curfew.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { runningWith } from "../support/processes.ts";
import { temporaryFolder } from "../support/temporary.ts";

const found = async (curfew: Curfew, name: string): Promise<string> => {
  const { status, body } = await curfew.api<{ id: string }>("POST", "/api/towns", { name });
  expect(status).toBe(201);
  return body.id;
};

const townNames = async (curfew: Curfew): Promise<string[]> => {
  const { body } = await curfew.api<{ towns: { name: string }[] }>("GET", "/api/towns");
  return body.towns.map(({ name }) => name);
};

/** Sockets and other special files below a folder. */
const specialFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isFile() && !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));

describe("npm start", () => {
  it("says where Curfew is open once it answers, and Ctrl-C leaves no process and no socket file", async () => {
    await using curfew = await startCurfew();
    expect(curfew.printed).toContain(
      `Curfew is open at http://localhost:${curfew.port}/?token=${curfew.token}\n`,
    );
    await curfew.says("Agents run as ordinary processes of your user");
    expect((await fetch(`${curfew.url}/api/health`)).status).toBe(200);
    expect(curfew.workerdPids()).toHaveLength(1);

    expect(await curfew.stop()).toBe(0);

    expect(curfew.serving()).toEqual([]);
    expect(specialFiles(curfew.state)).toEqual([]);
  });

  it("serves what the page is made of for ever, the page itself anew each time, and no page for a script", async () => {
    await using curfew = await startCurfew();
    const page = await fetch(`${curfew.url}/town/some/bead`);
    expect(page.headers.get("cache-control")).toBe("public, max-age=0, must-revalidate");
    const parts = [...(await page.text()).matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(
      ([, path]) => path,
    );
    expect(new Set(parts.map((path) => path?.split(".").at(-1)))).toEqual(new Set(["js", "css"]));
    for (const path of parts) {
      const { status, headers } = await fetch(`${curfew.url}${path}`);
      expect([status, headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      const again = await fetch(`${curfew.url}${path}`, {
        headers: { "if-none-match": headers.get("etag") ?? "" },
      });
      expect(again.status).toBe(304);
    }
    const older = await fetch(`${curfew.url}/assets/index-0lder.js`);
    expect(older.status).toBe(404);
    expect(older.headers.get("content-type")).toBe("application/problem+json");
  });

  it.each(["SIGTERM", "SIGINT"] as const)("ends with the npm that runs it: %s", async (signal) => {
    const port = await freePort();
    await using curfew = new Curfew(port, {});
    curfew.spawn("npm");
    await curfew.says("Curfew is open at ");

    await curfew.kill(signal);

    await eventually(
      "the end of everything that npm had started",
      () => runningWith("CURFEW_STATE", curfew.state),
      (left) => left.length === 0,
    );
    expect(curfew.serving()).toEqual([]);
  });

  it("keeps what it knows over a stop, and secrets from everybody else", async () => {
    await using curfew = await startCurfew({ env: { CURFEW_TOKEN: "" } });
    const [, token = ""] = /\?token=(\S+)/.exec(curfew.printed) ?? [];
    expect(token).toMatch(/^[\w-]{43}$/);
    const kept = join(curfew.state, "token");
    expect(readFileSync(kept, "utf8").trim()).toBe(token);
    for (const file of ["token", "secret"]) {
      expect(statSync(join(curfew.state, file)).mode & 0o777).toBe(0o600);
    }
    const commands = curfew.serving().map(({ command }) => command);
    expect(commands.filter((command) => command.includes(token))).toEqual([]);

    await curfew.stop();
    await curfew.start();

    expect(curfew.printed.split(`?token=${token}\n`)).toHaveLength(3);
    expect(readFileSync(join(curfew.state, "worker.log"), "utf8")).not.toContain(token);
  });

  it("runs beside another instance with a port and a state folder of its own", async () => {
    await using one = await startCurfew();
    await using other = await startCurfew();
    await found(one, "Elm");
    await found(other, "Oak");
    expect(await townNames(one)).toEqual(["Elm"]);
    expect(await townNames(other)).toEqual(["Oak"]);

    await other.stop();
    expect(await townNames(one)).toEqual(["Elm"]);
  });

  it("refuses a state folder that is in use, and says by whom", async () => {
    await using one = await startCurfew();
    const port = await freePort();
    await using second = new Curfew(port, { state: one.state });
    const [code] = await once(second.spawn(), "close");
    expect(code).toBe(1);
    expect(second.printed).toContain(
      `${one.state} is in use by process ${one.script.pid} at ${one.url}. Stop that one`,
    );
    expect(await townNames(one)).toEqual([]);
  });

  it("refuses a port that is in use", async () => {
    await using stranger = createServer().listen(0, "127.0.0.1");
    await once(stranger, "listening");
    const { port } = stranger.address() as { port: number };
    await using curfew = new Curfew(port, {});
    const [code] = await once(curfew.spawn(), "close");
    expect(code).toBe(1);
    expect(curfew.printed).toContain(`Port ${port} is in use`);
  });

  it.each([
    [{ CURFEW_SLEEP_AFTER: "30 minutes" }, "CURFEW_SLEEP_AFTER must be a duration such as 30m or 5s."],
    [{ CURFEW_STATE: "/dev/null/state" }, "The state folder can't be made"],
    [{ CURFEW_ENGINE: "podman" }, "CURFEW_ENGINE must be `process` or `docker`."],
  ])("says what is wrong with %o, and starts nothing", async (env, sentence) => {
    const port = await freePort();
    await using curfew = new Curfew(port, { env, ...("CURFEW_STATE" in env && { state: env.CURFEW_STATE }) });
    const [code] = await once(curfew.spawn(), "close");
    expect(code).toBe(1);
    expect(curfew.printed).toContain(sentence);
  });
});

describe("after a kill -9", () => {
  it("of workerd, the Worker comes back by itself", async () => {
    await using curfew = await startCurfew();
    await found(curfew, "Elm");

    for (const pid of curfew.workerdPids()) process.kill(pid, "SIGKILL");

    await curfew.says("The Worker is back.");
    expect(curfew.printed).toContain("The Worker died (workerd ended with SIGKILL); starting it again");
    expect(await townNames(curfew)).toEqual(["Elm"]);
    expect(curfew.workerdPids()).toHaveLength(1);
  });

  it("of the script, nothing of it goes on, and the next start has everything", async () => {
    await using curfew = await startCurfew();
    await found(curfew, "Elm");
    expect(await curfew.kill("SIGKILL")).toBe("SIGKILL");
    await eventually(
      "the end of what the script had started",
      () => curfew.serving(),
      (left) => left.length === 0,
    );
    await curfew.start();
    expect(await townNames(curfew)).toEqual(["Elm"]);
  });

  it("of the script and the host at once, the next start ends what is left of them", async () => {
    await using curfew = await startCurfew();
    await found(curfew, "Elm");
    const host = curfew.serving().find(({ command }) => command.includes("host.ts"));
    // Stopped first, so that it can't see the script go.
    process.kill(host?.pid ?? 0, "SIGSTOP");
    await curfew.kill("SIGKILL");
    process.kill(host?.pid ?? 0, "SIGKILL");
    expect(curfew.workerdPids()).toHaveLength(1);

    await curfew.start();

    expect(curfew.printed).toMatch(/Ended \d+ processes that an earlier start had left behind/);
    expect(curfew.workerdPids()).toHaveLength(1);
    expect(await townNames(curfew)).toEqual(["Elm"]);
  });

  it("again and again, it gives up and says why", async () => {
    await using curfew = await startCurfew();
    const ended = once(curfew.script, "close") as Promise<[number | null]>;
    let heard = 0;
    const killOne = (): void => {
      const [pid] = curfew.workerdPids();
      if (pid !== undefined) process.kill(pid, "SIGKILL");
    };
    const killer = (async () => {
      for (;;) {
        killOne();
        await curfew.says("The Worker is back.", heard);
        heard = curfew.printed.length;
      }
    })();
    killer.catch(() => {});
    const [code] = await ended;
    expect(code).toBe(1);
    expect(curfew.printed).toContain("The Worker dies again and again");
    expect(curfew.serving()).toEqual([]);
  });
});

describe("a start that is stopped before it is open", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("by %s leaves nothing", async (signal) => {
    using folder = temporaryFolder();
    const state = join(folder.path, "state");
    const port = await freePort();
    await using curfew = new Curfew(port, { state });
    curfew.spawn();
    await curfew.says("Preparing the ledger");
    expect(await curfew.kill(signal)).toBe(0);
    expect(curfew.serving()).toEqual([]);
    expect(curfew.printed).not.toContain("Curfew is open");
  });
});
