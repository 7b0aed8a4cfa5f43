import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { startTestEngine, type TestEngine } from "./with-engine.ts";

const sideCarPort = async (engine: TestEngine, name: string): Promise<number> => {
  const { body } = await engine.call(`GET /containers/${name}-proxy/json`);
  return Number(body.NetworkSettings.Ports["39001/tcp"][0].HostPort);
};

const serveBehindSideCar = async (engine: TestEngine, name: string) => {
  await engine.startSideCar(name);
  return engine.serve(name);
};

/** Asks a side car for a tunnel, as workerd does: the answer's status, and the tunnel. */
const tunnel = async (
  port: number,
  { address = "127.0.0.1:8080", allowHalfOpen = false } = {},
): Promise<{ status: number; socket: Duplex }> => {
  const asking = request({
    createConnection: () => connect({ host: "127.0.0.1", port, allowHalfOpen }),
    method: "CONNECT",
    path: address,
    headers: { "X-Dst-Addr": address },
  }).end();
  const [response, socket, head] = await once(asking, "connect");
  socket.on("error", () => {});
  socket.unshift(head);
  return { status: response.statusCode, socket };
};

describe("the side car", () => {
  test("leads to the port of its container", async () => {
    const engine = await startTestEngine();
    for (const name of ["a", "b"]) {
      const { ask } = await serveBehindSideCar(engine, name);
      const { PORT } = await ask("/environment");
      const { status, socket } = await tunnel(await sideCarPort(engine, name));
      expect(status).toBe(200);
      socket.end("GET /environment HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      expect(await text(socket)).toContain(`"PORT":"${PORT}"`);
    }
  });

  test("answers 400 where nothing listens, as workerd takes that for `not yet`", async () => {
    const engine = await startTestEngine({ command: ["sleep", "1000"] });
    await engine.create("a");
    await engine.startSideCar("a");
    const port = await sideCarPort(engine, "a");
    expect((await tunnel(port)).status).toBe(400);

    await engine.call("POST /containers/a/start");
    expect((await tunnel(port)).status).toBe(400);
    expect((await tunnel(port, { address: "127.0.0.1:33" })).status).toBe(400);
  });

  test("carries a WebSocket", async () => {
    const engine = await startTestEngine();
    await serveBehindSideCar(engine, "a");
    const { socket } = await tunnel(await sideCarPort(engine, "a"));
    const handshake = request({
      createConnection: () => socket,
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
      },
    }).end();
    const [response, webSocket] = await once(handshake, "upgrade");
    expect(response.statusCode).toBe(101);

    // A masked text frame, with a mask of zeros.
    webSocket.write(Buffer.concat([Buffer.from([0x81, 0x85, 0, 0, 0, 0]), Buffer.from("hello")]));
    const [echo] = await once(webSocket, "data");
    expect(echo).toEqual(Buffer.concat([Buffer.from([0x81, 5]), Buffer.from("hello")]));
    webSocket.write(Buffer.from([0x88, 0x80, 0, 0, 0, 0]));
    await once(webSocket, "end");
  });

  test("still carries what a client sends after the container has said all", async () => {
    const server = `
      require("net").createServer({ allowHalfOpen: true }, (socket) => {
        socket.end("bye");
        socket.setEncoding("utf8").on("data", (text) => console.log("late: " + text));
      }).listen(process.env.PORT, () => console.log("listening"))`;
    const engine = await startTestEngine({ command: [process.execPath, "-e", server] });
    await serveBehindSideCar(engine, "a");
    const { socket } = await tunnel(await sideCarPort(engine, "a"), { allowHalfOpen: true });
    expect(await text(socket)).toBe("bye");
    socket.end("thanks");
    expect(await engine.logged(/late: thanks/)).toBeDefined();
  });

  test("carries megabytes both ways unchanged, each end in its own time", async () => {
    const echo = "require('net').createServer({ allowHalfOpen: true }, (s) => s.pipe(s))";
    const engine = await startTestEngine({
      command: [process.execPath, "-e", `${echo}.listen(process.env.PORT, () => console.log("listening"))`],
    });
    await serveBehindSideCar(engine, "a");
    const { socket } = await tunnel(await sideCarPort(engine, "a"));
    const sent = randomBytes(5_000_000);
    socket.end(sent);
    expect((await buffer(socket)).equals(sent)).toBe(true);
  });

  test("cuts a tunnel when the container ends", async () => {
    const engine = await startTestEngine();
    await serveBehindSideCar(engine, "a");
    const { socket } = await tunnel(await sideCarPort(engine, "a"));
    const closed = once(socket.resume(), "close");
    expect((await engine.call("POST /containers/a/kill")).status).toBe(204);
    await closed;
  });

  test("cuts a tunnel and stops listening when it is removed", async () => {
    const engine = await startTestEngine();
    await serveBehindSideCar(engine, "a");
    const port = await sideCarPort(engine, "a");
    const { socket } = await tunnel(port);
    const closed = once(socket.resume(), "close");
    expect((await engine.call("DELETE /containers/a-proxy?force=true")).status).toBe(204);
    await closed;
    await expect(tunnel(port)).rejects.toThrow("ECONNREFUSED");
  });

  test("takes what workerd says about egress, and says that it can't keep it", async () => {
    const engine = await startTestEngine();
    await engine.startSideCar("a");
    const url = `http://127.0.0.1:${await sideCarPort(engine, "a")}`;
    const put = async (body: string) => (await fetch(`${url}/egress`, { method: "PUT", body })).status;

    expect(await put(JSON.stringify({ port: 1, internet: { enabled: true } }))).toBe(200);
    expect(await put(JSON.stringify({ port: 1, internet: { enabled: false } }))).toBe(200);
    expect(await engine.logged(/without internet/)).toContain("a-proxy");
    expect(await put("no json")).toBe(400);
    expect((await fetch(`${url}/ca`)).status).toBe(200);
    expect((await fetch(`${url}/other`)).status).toBe(404);
  });
});
