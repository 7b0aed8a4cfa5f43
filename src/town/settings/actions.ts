import { parseDuration } from "../../protocol/duration.ts";
import { Refusal } from "../../protocol/problem.ts";
import type { SettingsPatch } from "../../protocol/settings.ts";
import type { Tx } from "../tx.ts";

/** Changes settings; what is left out stays. They reach a warm container with the next command. */
export const configure = (tx: Tx, patch: SettingsPatch): void => {
  const { town } = tx;
  if (patch.name !== undefined) town.name = patch.name;
  if (patch.runtime !== undefined) town.runtime = patch.runtime;
  if (patch.model === null) town.model = null;
  else if (patch.model !== undefined) {
    const sameService = town.model?.baseUrl === patch.model.baseUrl;
    // A key belongs to its service: another service never gets the key that was given for this one.
    const key = patch.model.key ?? (sameService ? (town.model?.key ?? null) : null);
    town.model = { baseUrl: patch.model.baseUrl, model: patch.model.model, key: key === "" ? null : key };
  }
  if (patch.sleepAfter !== undefined) {
    const ms = parseDuration(patch.sleepAfter);
    if (ms === null) throw new Refusal("bad-request", "sleepAfter: is a duration such as 30m or 5s");
    if (tx.container.state === "awake" && tx.container.sleepsAt !== null)
      tx.setContainer({ sleepsAt: tx.container.sleepsAt - town.sleepAfterMs + ms });
    town.sleepAfterMs = ms;
  }
  if (patch.caps?.polecats !== undefined) town.polecatCap = patch.caps.polecats;
  if (patch.caps?.tokens !== undefined) town.tokenCap = patch.caps.tokens;
};
