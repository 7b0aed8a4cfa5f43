import type { CheckResult } from "../../src/protocol/container/town-up.ts";
import { aboutFilters } from "./filters.ts";
import { mirroredTarget, withFreshMirror } from "./mirror.ts";
import { remoteTarget, seeRoomForBeads } from "./refs.ts";
import type { Session } from "./session.ts";
import { aboutLacking, fillSubmodules } from "./submodules.ts";

/**
 * Looks at the rig's repository: it answers, has the branch (or which is its default), and can be had whole. The
 * first bead finds the mirror that is made for it.
 */
export const check = async (session: Session): Promise<CheckResult> => {
  const { branch } = await remoteTarget(session);
  await seeRoomForBeads(session);
  const { head, mirror } = await withFreshMirror(session, async (mirror) => ({
    ...(await mirroredTarget(session, mirror, branch)),
    mirror,
  }));
  const whole = { repository: mirror, commit: head, directory: null, known: null };
  const lacking = aboutLacking(await fillSubmodules(session, whole));
  const lacks = `${lacking} ${await aboutFilters(session, mirror, head)}`.trim();
  return { outcome: "ready", branch, head, ...(lacks !== "" && { lacks }) };
};
