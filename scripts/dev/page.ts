import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { createLogger, createServer as createVite, type Logger, type ProxyOptions } from "vite";
import { ROOT } from "../root.ts";
import { Failure } from "../start/failure.ts";

const WORKERS_OWN = String.raw`^/(api|parties|mcp|model)(/|\?|$)`;
const SIGN_IN = String.raw`^/[^?]*\?(.*&)?token=`;

/** What the Worker does is said elsewhere, once: not for each socket that it cuts when it is run anew. */
const quietLogger = (): Logger => {
  const logger = createLogger("warn");
  return {
    ...logger,
    error: (message, options) => {
      if (!/\b(ws|http) proxy\b/.test(message)) logger.error(message, options);
    },
  };
};

/**
 * Serves the page from its sources: a change shows in the browser without a reload. All else goes on to
 * the Worker, so the page lives at one origin with it, as it does without this.
 *
 * @param port where the page is
 * @param worker the Worker's address
 * @param awake resolves when the Worker serves: what is asked while it is run anew waits for it
 * @throws Failure if the port can't be listened on
 */
export const servePage = async (
  port: number,
  worker: string,
  awake: () => Promise<unknown>,
): Promise<AsyncDisposable> => {
  const proxy: ProxyOptions = {
    target: worker,
    bypass: async () => {
      await awake();
    },
  };
  // A server of our own: vite's would end this process at a SIGTERM, before what it started is ended.
  const server = createServer();
  const vite = await createVite({
    configFile: join(ROOT, "vite.config.ts"),
    customLogger: quietLogger(),
    clearScreen: false,
    server: {
      middlewareMode: { server },
      hmr: { server },
      // Vite's own socket has a token too.
      proxy: { [WORKERS_OWN]: { ...proxy, ws: true }, [SIGN_IN]: proxy },
    },
  });
  const close = async (): Promise<void> => {
    await vite.close();
    server.closeAllConnections();
    server.close();
  };
  server.on("request", vite.middlewares);
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    await close();
    throw new Failure(`The page can't be served: ${(error as Error).message}. Set PORT to another port.`);
  }
  return { [Symbol.asyncDispose]: close };
};
