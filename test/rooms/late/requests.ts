import { containerEvents, runtimeEvents } from "./events.ts";
import { overHttp } from "./http.ts";
import type { Late } from "./late.ts";
import type { Remembered } from "./remembered.ts";
import { byStub } from "./rpc.ts";
import { overSockets } from "./sockets.ts";
import { overMcp, overModel } from "./tools.ts";

/** Every kind of request that can come too late, each at least once. */
export const lateRequests = (remembered: Remembered): Late[] => [
  ...overHttp(remembered),
  ...overSockets(remembered),
  ...containerEvents(remembered),
  ...runtimeEvents(remembered),
  ...byStub(remembered),
  ...overMcp(remembered),
  ...overModel(remembered),
];
