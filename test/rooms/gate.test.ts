import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import { room } from "./rooms.ts";

const NOTHING = { keys: [], tables: [], alarm: null };

const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  exports.default.fetch(`http://localhost${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${env.CURFEW_TOKEN}`,
      "content-type": "application/json",
      ...(init.headers as Record<string, string>),
    },
  });

const closeCodeOf = async (path: string): Promise<number> => {
  const { webSocket } = await ask(path, { headers: { upgrade: "websocket" } });
  if (!webSocket) throw new Error("the socket was not accepted");
  const closed = new Promise<number>((resolve) => {
    webSocket.addEventListener("close", ({ code }) => resolve(code));
  });
  webSocket.accept();
  return closed;
};

describe("the gate", () => {
  it("answers for a room that was never founded, and nothing of it is stored", async () => {
    const town = room.town("t".padEnd(21, "a"));
    expect((await town.fetch("http://room/")).status).toBe(404);
    expect(await town.probe()).toMatchObject({ vital: "unborn", ...NOTHING });
  });

  it("closes a socket to a town that never existed with 4404", async () => {
    const town = "t".padEnd(21, "b");
    expect(await closeCodeOf(`/parties/town/${town}`)).toBe(CloseCode.notFound);
    expect(await room.town(town).probe()).toMatchObject({ vital: "unborn", ...NOTHING });
  });

  it("lets nobody into a town that is gone, of which only the tombstone is left", async () => {
    const founded = await ask("/api/towns", { method: "POST", body: JSON.stringify({ name: "Elm" }) });
    expect(founded.status).toBe(201);
    const { id } = await founded.json<{ id: string }>();

    expect((await ask(`/api/towns/${id}`, { method: "DELETE" })).status).toBe(202);
    expect(await room.town(id).destroy({ cause: "joins the end under way" })).toMatchObject({
      state: "gone",
    });

    expect(await closeCodeOf(`/parties/town/${id}`)).toBe(CloseCode.gone);
    expect(await room.town(id).probe()).toMatchObject({
      vital: "dead",
      keys: ["vital"],
      tables: [],
      alarm: null,
    });
    await runInDurableObject(room.container(id), (_, { storage }) => {
      expect([...storage.kv.list()]).toEqual([]);
    });
  });
});
