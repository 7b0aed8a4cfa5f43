import type { CheckResult } from "../../src/protocol/container/town-up.ts";
import { remoteTarget } from "./refs.ts";
import type { Session } from "./session.ts";

/** Looks at the rig's repository: it answers, and has the branch (or which is its default). */
export const check = async (session: Session): Promise<CheckResult> => ({
  outcome: "ready",
  ...(await remoteTarget(session)),
});
