import ReconnectingWebSocket from "partysocket/ws";
import type { GenericSchema } from "valibot";
import { createStore, type StoreApi } from "zustand/vanilla";
import { CloseCode, isFinalClose } from "../../src/protocol/close-codes.ts";
import { parseFrame } from "../../src/protocol/parse.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import { startHeartbeat } from "./heartbeat.ts";
import type { Link } from "./link.ts";
import { GAP, type Gap } from "./merge.ts";
import type { Page } from "./page.ts";

/** What the server said (`null`: nothing yet), and how fresh that is. Nothing else changes `data`. */
export interface RoomState<S> {
  readonly data: S | null;
  readonly link: Link;
}

/** One room as the page follows it. */
export interface Room<S> {
  readonly store: StoreApi<RoomState<S>>;
  /**
   * Connects, resumes from the last frame after every break, and stops on a final close code. Frames
   * are put together and reduced once per picture.
   *
   * @returns what ends it
   */
  readonly follow: () => () => void;
}

/** Which room, and what its frames do. */
export interface RoomKind<F extends AnyFrame, S> {
  /** `/parties/…` */
  readonly path: string;
  readonly frame: GenericSchema<unknown, F>;
  /** Pure. {@link GAP} makes the page connect again from the last good frame. */
  readonly reduce: (state: S | null, frame: F) => S | Gap;
}

/** What all frames have in common: the first one, the snapshot, says the protocol's version. */
interface AnyFrame {
  readonly type: string;
  readonly version?: number;
}

/** One object, so that nothing that shows the link is made again with each frame. */
const LIVE: Link = { kind: "live" };

/** A room that nobody follows yet. */
export const createRoom = <F extends AnyFrame, S extends { readonly seq: number }>(
  kind: RoomKind<F, S>,
  page: Page,
): Room<S> => {
  const store = createStore<RoomState<S>>(() => ({ data: null, link: { kind: "connecting" } }));
  return { store, follow: () => follow(kind, page, store) };
};

const follow = <F extends AnyFrame, S extends { readonly seq: number }>(
  kind: RoomKind<F, S>,
  page: Page,
  store: StoreApi<RoomState<S>>,
): (() => void) => {
  const queue: F[] = [];
  let scheduled = false;
  /** The last gap was here; a second one at the same place asks for everything. */
  let gapAt: number | null = null;
  let fromScratch = false;

  const url = () => {
    flush();
    const { data } = store.getState();
    const resume = data !== null && !fromScratch ? `&after=${data.seq}` : "";
    return `${page.origin}${kind.path}?version=${PROTOCOL_VERSION}${resume}`;
  };
  const socket = new ReconnectingWebSocket(url, undefined, {
    // Read before every attempt: a restarted server isn't met by all pages at once.
    get minReconnectionDelay() {
      return 400 + page.random() * 800;
    },
    maxReconnectionDelay: 5_000,
    reconnectionDelayGrowFactor: 1.6,
    connectionTimeout: 10_000,
    maxEnqueuedMessages: 0,
    shouldReconnectOnClose: (event) => !isFinalClose(event.code),
  });

  const end = (link: Link) => {
    queue.length = 0;
    store.setState({ link });
    heartbeat.stop();
    socket.close();
  };
  const again = () => {
    queue.length = 0;
    socket.reconnect();
  };

  const flush = () => {
    scheduled = false;
    if (queue.length === 0) return;
    let { data } = store.getState();
    for (const frame of queue.splice(0)) {
      const next = kind.reduce(data, frame);
      if (next === GAP) {
        const at = data?.seq ?? null;
        fromScratch = gapAt === at;
        gapAt = at;
        store.setState({ data });
        again();
        return;
      }
      data = next;
    }
    fromScratch = false;
    store.setState({ data, link: LIVE });
  };

  socket.addEventListener("message", ({ data: text }: MessageEvent) => {
    heartbeat.heard();
    if (text === "pong") return;
    const frame = parseFrame(kind.frame, text);
    if (frame === null || (frame.version ?? PROTOCOL_VERSION) !== PROTOCOL_VERSION) {
      end({ kind: "outdated" });
      return;
    }
    queue.push(frame);
    if (!scheduled) {
      scheduled = true;
      page.beforePaint(flush);
    }
  });
  socket.addEventListener("close", ({ code }) => {
    flush();
    if (isFinalClose(code)) {
      end(code === CloseCode.tooOld ? { kind: "outdated" } : { kind: "ended", code });
    } else if (store.getState().link.kind === "live") {
      store.setState({ link: { kind: "stale", since: page.now() } });
    }
  });
  const heartbeat = startHeartbeat(
    page,
    () => socket.readyState === WebSocket.OPEN && socket.send("ping"),
    again,
  );

  return () => {
    queue.length = 0;
    heartbeat.stop();
    socket.close();
  };
};
