import { Curfew } from "../support/curfew.ts";
import { freePort } from "../support/free-port.ts";
import type { Unpacked } from "./unpack.ts";

const SOON = {
  CURFEW_LEASE: "3s",
  CURFEW_GRACE: "2s",
  CURFEW_START_DEADLINE: "20s",
  CURFEW_RETRY_BASE: "100ms",
};

/**
 * An instance on an old state folder, not started yet. The token and the secret are those that are kept
 * there; what was lost is seen soon, and tried again soon.
 */
export const openOld = async ({ state }: Unpacked): Promise<Curfew> =>
  new Curfew(await freePort(), { state, env: { CURFEW_TOKEN: "", ...SOON } });
