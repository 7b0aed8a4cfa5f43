import type { Platform } from "./platform.ts";

/** Ids are 20 characters of an alphabet; counting is as good as chance, and the same every time. */
const counted =
  (platform: { ids: number }) =>
  (bytes: Uint8Array): Uint8Array => {
    platform.ids += 1;
    let rest = platform.ids;
    for (let place = 0; place < bytes.length; place += 1) {
      bytes[place] = rest % 32;
      rest = Math.floor(rest / 32);
    }
    return bytes;
  };

/** Runs `work` with the world's clock, timers and chance in place of the machine's. */
export const inside = async <T>(platform: Platform, work: () => Promise<T>): Promise<T> => {
  const real = { now: Date.now, set: globalThis.setTimeout, clear: globalThis.clearTimeout };
  const { error } = console;
  const { stackTraceLimit } = Error;
  // Thousands of errors are made on purpose, and nobody reads where.
  Error.stackTraceLimit = 2;
  const set = (run: () => void, ms = 0): number => platform.timers.set(run, ms);
  Date.now = () => platform.scheduler.now;
  globalThis.setTimeout = set as never;
  globalThis.clearTimeout = ((id: number | null) => {
    if (id !== null) platform.timers.clear(id);
  }) as never;
  // Faults are reported by rooms, as they should be; here they are many, and on purpose. But a name
  // that isn't there is this small platform's own fault.
  console.error = (...told) => {
    for (const one of told)
      if (one instanceof TypeError || one instanceof ReferenceError) platform.onFault(String(one.stack));
  };
  Object.assign(globalThis, { WebSocketRequestResponsePair: Object });
  Object.defineProperty(crypto, "getRandomValues", {
    value: counted(platform),
    configurable: true,
  });
  try {
    return await work();
  } finally {
    Date.now = real.now;
    globalThis.setTimeout = real.set;
    globalThis.clearTimeout = real.clear;
    console.error = error;
    Error.stackTraceLimit = stackTraceLimit;
    Reflect.deleteProperty(globalThis, "WebSocketRequestResponsePair");
    Reflect.deleteProperty(crypto, "getRandomValues");
  }
};
