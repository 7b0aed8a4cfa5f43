import { env, exports } from "cloudflare:workers";

/** A socket as a test holds it: what came is kept in order until it is asked for. */
export interface Socket {
  /** Every frame that came so far, pongs included. */
  readonly heard: readonly string[];
  /** The next frame that was not asked for yet. @throws Error when the socket closes before it comes */
  next(): Promise<unknown>;
  /** The first of the next frames that fits. */
  until<Frame>(fits: (frame: Frame) => boolean): Promise<Frame>;
  send(frame: object | string): void;
  close(code?: number): void;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

const read = (text: string): unknown => (text.startsWith("{") ? JSON.parse(text) : text);

/** Opens a socket, as the owner unless another `token` is given (`null`: none) or other `headers`. */
export const openSocket = async (
  path: string,
  {
    token = env.CURFEW_TOKEN,
    headers = {},
  }: { token?: string | null; headers?: Record<string, string> } = {},
): Promise<Socket> => {
  const { webSocket, status } = await exports.default.fetch(`http://localhost${path}`, {
    headers: {
      upgrade: "websocket",
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
  if (!webSocket) throw new Error(`${path}: no socket (${status})`);
  const heard: string[] = [];
  let asked = 0;
  let wake = Promise.withResolvers<void>();
  let isOver = false;
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  webSocket.addEventListener("message", ({ data }) => {
    heard.push(String(data));
    wake.resolve();
  });
  webSocket.addEventListener("close", ({ code, reason }) => {
    isOver = true;
    closed.resolve({ code, reason });
    wake.resolve();
  });
  webSocket.accept();
  const next = async (): Promise<unknown> => {
    for (;;) {
      const text = heard[asked];
      if (text !== undefined) {
        asked += 1;
        return read(text);
      }
      if (isOver) throw new Error(`${path} was closed: ${JSON.stringify(await closed.promise)}`);
      await wake.promise;
      wake = Promise.withResolvers();
    }
  };
  return {
    heard,
    next,
    until: async <Frame>(fits: (frame: Frame) => boolean): Promise<Frame> => {
      for (;;) {
        const frame = (await next()) as Frame;
        if (fits(frame)) return frame;
      }
    },
    send: (frame) => webSocket.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    close: (code = 1000) => webSocket.close(code, "the test is done with it"),
    closed: closed.promise,
  };
};
