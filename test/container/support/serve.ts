import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { onTestFinished } from "vitest";

/** Serves on a free port of loopback until the test is over; returns the address. */
export const serveHere = async (
  fetch: (request: Request) => Response | Promise<Response>,
): Promise<string> => {
  const address = await new Promise<AddressInfo>((resolve) => {
    const server = serve({ fetch, port: 0, hostname: "127.0.0.1" }, resolve);
    onTestFinished(() => {
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
  });
  return `http://127.0.0.1:${address.port}`;
};
