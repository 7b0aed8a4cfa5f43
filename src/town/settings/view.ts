import type { Town } from "../../protocol/town.ts";
import type { ModelSettings } from "../ports.ts";
import type { TownRecord } from "../record.ts";

/** The town's settings, without its key. */
export const settingsView = (town: TownRecord, defaultModel: ModelSettings | null): Town["settings"] => ({
  runtime: town.runtime,
  model:
    town.model === null
      ? null
      : { baseUrl: town.model.baseUrl, model: town.model.model, hasKey: town.model.key !== null },
  modelFromEnvironment: town.model === null && defaultModel !== null,
  sleepAfterMs: town.sleepAfterMs,
  caps: { polecats: town.polecatCap, tokens: town.tokenCap },
});
