import { fileURLToPath } from "node:url";
import { createAdaptorServer } from "@hono/node-server";
import { engineApi } from "./api.ts";
import { SIDE_CAR_IMAGE } from "./calls.ts";
import type { ContainerStatus } from "./container.ts";
import { Household } from "./household.ts";
import { takeLock } from "./lock.ts";
import { Ports } from "./ports.ts";
import { endLeftovers } from "./records.ts";
import { socketPlace } from "./socket-place.ts";
import { openStateFolder } from "./state-folder.ts";
import { WorkingFolders } from "./working-folders.ts";

export type { ContainerStatus } from "./container.ts";

export interface EngineOptions {
  /** Sockets, records of processes and working folders live below it; closed to other users. */
  readonly stateFolder: string;
  /** What every container runs: a program and its arguments. Its working folder is the container's own. */
  readonly command: readonly string[];
  /** Gets a line for each event, and each line that a container prints. */
  readonly log?: (line: string) => void;
}

export interface Engine {
  /** Where it speaks Docker's API: `unix:///…` */
  readonly address: string;
  /** What it takes for the image of the side car through which workerd reaches a container. */
  readonly sideCarImage: string;
  /** What wrangler and miniflare need in their environment so that they use this engine instead of Docker. */
  readonly environment: Readonly<Record<string, string>>;
  list(): ContainerStatus[];
  /** Ends every container at once and leaves neither a process nor a socket. */
  close(): Promise<void>;
}

/**
 * Starts a server that workerd takes for Docker's and that runs each container as plain processes:
 * a process group with a working folder and a port of its own. First it ends what an engine on the
 * same state folder has left that was killed.
 *
 * @example
 * const engine = await startEngine({ stateFolder: ".curfew/engine", command: ["node", "/srv/main.js"] });
 * spawn("wrangler", ["dev"], { env: { ...process.env, ...engine.environment } });
 *
 * @throws if another engine is using the state folder
 */
export const startEngine = async (options: EngineOptions): Promise<Engine> => {
  const { command, log = () => {} } = options;
  const state = openStateFolder(options.stateFolder);
  const unlock = takeLock(state.lock);
  const place = socketPlace(state);
  const folders = new WorkingFolders(state, log);
  const household = new Household({ state, command, folders, ports: new Ports(), log });
  const server = createAdaptorServer({ fetch: engineApi(household, log).fetch });

  try {
    await endLeftovers(state, log);
    await folders.discardAll();
    place.prepare();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject);
    server.listen(place.path, resolve);
    await promise;
  } catch (error) {
    unlock();
    throw error;
  }

  const close = async (): Promise<void> => {
    await household.close();
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    if ("closeAllConnections" in server) server.closeAllConnections();
    await promise;
    place.clear();
    await folders.settled();
    unlock();
  };
  let closing: Promise<void> | null = null;

  const address = `unix://${place.path}`;
  return {
    address,
    sideCarImage: SIDE_CAR_IMAGE,
    environment: {
      WRANGLER_DOCKER_BIN: fileURLToPath(new URL("./docker", import.meta.url)),
      WRANGLER_DOCKER_HOST: address,
      MINIFLARE_CONTAINER_EGRESS_IMAGE: SIDE_CAR_IMAGE,
    },
    list: () => household.containers().map(({ status }) => status),
    close: () => (closing ??= close()),
  };
};
