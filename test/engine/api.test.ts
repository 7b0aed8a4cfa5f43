import { describe, expect, test } from "vitest";
import { isAlive, startTestEngine } from "./with-engine.ts";

describe("the engine's API", () => {
  test("answers what workerd asks before the first container", async () => {
    const engine = await startTestEngine();
    expect((await engine.call("GET /networks/bridge")).body.IPAM.Config).toEqual([
      { Subnet: "127.0.0.0/8", Gateway: "127.0.0.1" },
    ]);
    expect((await engine.call("GET /volumes?filters=%7B%7D")).body.Volumes).toEqual([]);
  });

  test("knows no container that was not created", async () => {
    const engine = await startTestEngine();
    const calls = [
      "GET /containers/a/json",
      "POST /containers/a/start",
      "POST /containers/a/wait?condition=removed",
      "POST /containers/a/kill?signal=SIGTERM",
      "POST /containers/a/stop",
      "DELETE /containers/a?force=true",
    ];
    for (const call of calls) {
      expect(await engine.call(call)).toEqual({
        status: 404,
        body: { message: "No such container: a" },
      });
    }
  });

  test("answers 501 and logs a call that it doesn't know", async () => {
    const engine = await startTestEngine();
    const { status, body } = await engine.call("POST /images/create?fromImage=secret");
    expect([status, body.message]).toEqual([501, "this engine does not know POST /images/create"]);
    expect(await engine.logged(/POST \/images\/create/)).not.toContain("secret");
  });

  test("keeps a name until it is removed", async () => {
    const engine = await startTestEngine();
    await engine.run("a", { BEHAVIOUR: "exit 1" });
    await engine.call("POST /containers/a/wait");

    expect((await engine.create("a")).status).toBe(409);
    expect((await engine.call("DELETE /containers/a?force=true")).status).toBe(204);
    expect((await engine.create("a")).status).toBe(201);
  });

  test("starts a container once", async () => {
    const engine = await startTestEngine();
    await engine.create("a");
    const starts = await Promise.all([
      engine.call("POST /containers/a/start"),
      engine.call("POST /containers/a/start"),
    ]);
    expect(starts.map(({ status }) => status)).toEqual(expect.arrayContaining([204, 304]));
  });

  test("refuses to signal what is not running", async () => {
    const engine = await startTestEngine();
    await engine.create("a");
    expect((await engine.call("POST /containers/a/kill?signal=SIGTERM")).status).toBe(409);
    expect((await engine.call("POST /containers/a/kill?signal=SIGKILL")).status).toBe(409);
    expect((await engine.call("POST /containers/a/stop")).status).toBe(304);
  });

  test("stops with SIGTERM, and with SIGKILL after its patience", async () => {
    const engine = await startTestEngine();
    await engine.serve("polite");
    expect((await engine.call("POST /containers/polite/stop")).status).toBe(204);
    expect((await engine.call("POST /containers/polite/wait")).body).toEqual({ StatusCode: 0 });

    await engine.serve("stubborn", { BEHAVIOUR: "stubborn" });
    expect((await engine.call("POST /containers/stubborn/stop?t=0")).status).toBe(204);
    expect((await engine.call("POST /containers/stubborn/wait")).body).toEqual({ StatusCode: 137 });
  });

  test("removes what runs only if forced, and then ends it", async () => {
    const engine = await startTestEngine();
    const pid = await engine.run("a", { BEHAVIOUR: "stubborn" });
    expect((await engine.call("DELETE /containers/a")).status).toBe(409);
    expect(isAlive(pid)).toBe(true);

    const removal = engine.call("POST /containers/a/wait?condition=removed");
    expect((await engine.call("DELETE /containers/a?force=true")).status).toBe(204);
    expect((await removal).body).toEqual({ StatusCode: 137 });
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect((await engine.call("GET /containers/a/json")).status).toBe(404);
  });

  test("says what is wrong with a call", async () => {
    const engine = await startTestEngine();
    const create = (name: string, body: unknown) => engine.call(`POST /containers/create?name=${name}`, body);
    const HostConfig = { NetworkMode: "container:a-proxy" };

    expect((await engine.call("POST /containers/create?name=a")).status).toBe(400);
    expect((await create("..%2F..%2Fa", { Image: "i", HostConfig })).status).toBe(400);
    expect((await create("a", { Image: "i", Env: ["no value"], HostConfig })).status).toBe(400);
    expect((await create("a", { Image: "i", Cmd: ["sh"], HostConfig })).status).toBe(501);
    expect((await create("a", { Image: "i" })).status).toBe(501);

    await engine.create("a");
    await engine.startSideCar("a");
    expect((await engine.call("POST /containers/a/kill?signal=SIGNONSENSE")).status).toBe(400);
    expect((await engine.call("POST /containers/a/wait?condition=ever")).status).toBe(400);
    expect((await engine.call("POST /containers/a-proxy/wait")).status).toBe(501);
  });
});
