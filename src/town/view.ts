import type { Town } from "../protocol/town.ts";
import type { Sql } from "../sql.ts";
import type { ContainerRecord } from "./container/record.ts";
import { containerView } from "./container/view.ts";
import type { TownWake } from "./decide.ts";
import type { TownCharter } from "../rooms/town.ts";
import type { ModelSettings } from "./ports.ts";
import type { TownRecord } from "./record.ts";
import { settingsView } from "./settings/view.ts";

/** What a view is made from. Making one writes nothing and touches nobody. */
export interface Seen {
  readonly sql: Sql;
  readonly charter: TownCharter;
  readonly town: TownRecord;
  readonly container: ContainerRecord;
  readonly wake: TownWake | null;
  readonly defaultModel: ModelSettings | null;
}

/** The town as answers and frames show it, put together from its features. */
export const townView = ({ sql, charter, town, container, wake, defaultModel }: Seen): Town => {
  const { agents, beads, needsYou } = town.counts;
  const { idle, working, waiting, failed } = agents;
  return {
    id: charter.town,
    name: town.name,
    state: "open",
    foundedAt: town.foundedAt,
    container: containerView(sql, town, container, working),
    wake,
    agents: { idle, working, waiting, failed, total: idle + working + waiting + failed },
    beads: { ...beads, needsYou },
    settings: settingsView(town, defaultModel),
    usage: town.usage,
    seq: town.seq,
  };
};
