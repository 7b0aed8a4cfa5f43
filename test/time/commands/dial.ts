import { exports } from "cloudflare:workers";
import type { Dial } from "../../../container/link/line.ts";
import { isFinalClose } from "../../../src/protocol/close-codes.ts";
import { meter } from "../../../bench/rooms/meter.ts";
import type { Timeline } from "../../../bench/rooms/timeline.ts";

const AGAIN_AFTER_MS = 1000;

/** Connects through the Worker; `null`: it did not let us in. */
const connect = async (path: string, token: string): Promise<WebSocket | null> => {
  const asked = exports.default.fetch(`http://localhost/${path}`, {
    headers: { upgrade: "websocket", authorization: `Bearer ${token}` },
  });
  const response = await meter.track("outside", asked).catch(() => null);
  return response?.webSocket ?? null;
};

/**
 * Dials as a container does: comes back in simulated time after it was cut, until the room closes for good
 * or `isAlive` ends. `onOpen` gets every socket, those that are left half open by a process that was killed too.
 */
export const dialer =
  (
    timeline: Timeline,
    token: Promise<string>,
    isAlive: () => boolean,
    onOpen: (socket: WebSocket) => void,
  ): Dial =>
  (path, handlers) => {
    let socket: WebSocket | null = null;
    let isOver = false;
    const again = (): void => timeline.after(AGAIN_AFTER_MS, () => open());
    const open = async (): Promise<void> => {
      if (isOver || !isAlive()) return;
      const opened = await connect(path, await token);
      if (opened === null) return again();
      opened.addEventListener("message", ({ data }) => {
        if (isAlive()) handlers.received(String(data));
      });
      opened.addEventListener("close", ({ code }) => {
        if (socket !== opened) return;
        socket = null;
        if (!isAlive() || isOver) return;
        handlers.lost();
        if (isFinalClose(code)) handlers.ended(code);
        else again();
      });
      opened.accept();
      socket = opened;
      onOpen(opened);
      handlers.opened();
    };
    void open();
    return {
      send: (text) => {
        if (isAlive()) socket?.send(text);
      },
      close: () => {
        isOver = true;
        socket?.close(1000, "done");
      },
    };
  };
