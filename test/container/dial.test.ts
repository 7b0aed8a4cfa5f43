import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { createDial } from "../../container/link/dial.ts";
import { Heartbeat } from "../../container/link/heartbeat.ts";
import { until } from "./support/until.ts";

/** A room of which only the socket matters, and what a line to it tells. */
const lineTo = async (room: (socket: WebSocket, text: string) => void, path = "/base") => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const requests: { url: string | undefined; authorization: string | undefined }[] = [];
  server.on("connection", (socket, { url, headers: { authorization } }) => {
    requests.push({ url, authorization });
    socket.on("message", (data) => room(socket, (data as Buffer).toString()));
  });
  const told: string[] = [];
  const { port } = server.address() as AddressInfo;
  const dial = createDial({
    url: `http://127.0.0.1:${port}${path}`,
    token: "secret",
    random: () => 0,
    pingEveryMs: 20,
  });
  const line = dial("parties/town/t1", {
    opened: () => told.push("opened"),
    received: (text) => told.push(text),
    lost: () => told.push("lost"),
    ended: (code) => told.push(`ended ${code}`),
  });
  onTestFinished(() => {
    line.close();
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return { line, told, requests, server };
};

describe("A line", () => {
  test("says who it is in a header, not in the address, and keeps the address' own path", async () => {
    const { requests } = await lineTo(() => {});
    await until(() => requests.length > 0);
    expect(requests).toEqual([{ url: "/base/parties/town/t1", authorization: "Bearer secret" }]);
  });

  test("pings, and keeps the answers for itself", async () => {
    let pings = 0;
    const { told } = await lineTo((socket, text) => {
      if (text !== "ping") return;
      pings += 1;
      socket.send("pong");
      if (pings === 8) socket.send("enough");
    });
    await until(() => told.includes("enough"));
    expect(told).toEqual(["opened", "enough"]);
  });

  test("that is dead without having been closed is made anew", async () => {
    const { told, requests } = await lineTo(() => {});
    await until(() => requests.length === 3);
    expect(told.slice(0, 4)).toEqual(["opened", "lost", "opened", "lost"]);
  });

  test("comes back after any close but a final one", async () => {
    let times = 0;
    const { told, requests } = await lineTo((socket) => {
      times += 1;
      socket.close(times === 1 ? 4503 : 4410);
    });
    await until(() => told.includes("ended 4410"));
    expect(told).toEqual(["opened", "lost", "opened", "lost", "ended 4410"]);
    expect(requests).toHaveLength(2);
  });

  test("that was closed here tells nothing more", async () => {
    const { line, told } = await lineTo(() => {});
    await until(() => told.length > 0);
    line.close();
    expect(told).toEqual(["opened", "lost"]);
  });
});

describe("A heartbeat", () => {
  test("gives a line up after three pings without an answer, whatever came before", () => {
    const heartbeat = new Heartbeat();
    for (let i = 0; i < 10; i += 1) {
      expect([heartbeat.beat(), heartbeat.beat(), heartbeat.beat()]).toEqual(["ping", "ping", "ping"]);
      heartbeat.pong();
    }
    expect([1, 2, 3, 4].map(() => heartbeat.beat())).toEqual(["ping", "ping", "ping", "lost"]);
  });
});
