import { conditions } from "../conditions.ts";
import { dollars, markdownTable, shown } from "../markdown.ts";
import { average, ofDay, ofModelDay, type Shown } from "./consumption.ts";
import { type Lived, sum } from "./lived.ts";
import { ASSUMED, POLICIES, simulate } from "./policies.ts";
import { BILLED, costOf, PRICES } from "./prices.ts";
import { LEFT_ALONE, PAGES, USED } from "./schedule.ts";

const TOWNS = 1000;

/** What the sweep's look at one open town takes, once a day (`src/ledger/sweep.ts`). */
const SWEEP = { events: 1, socketMessages: 0, rowsRead: 2, rowsWritten: 2, awakeSeconds: 0 };

const COLUMNS = [
  "one town, one day",
  "alarms",
  "statements per tick",
  "rows read",
  "rows written",
  "container requests",
  "starts",
  "minutes awake",
  "library's alarms",
  "1,000 towns, a month",
];

const row = (name: string, day: Shown): string[] => [
  name,
  shown(day.alarms),
  day.statementsPerTick === null ? "none" : shown(day.statementsPerTick),
  shown(day.rowsRead),
  shown(day.rowsWritten),
  shown(day.containerRequests),
  shown(day.starts),
  shown(day.awakeMinutes),
  shown(day.libraryAlarms),
  dollars(costOf(day.consumption) * TOWNS * BILLED.daysPerMonth),
];

/** The policies' models over the same days, then what was measured. */
const table = (
  work: Parameters<typeof simulate>[1],
  measured: Readonly<Record<string, Lived>>,
  pick: (days: readonly Shown[]) => Shown,
): string => {
  const days = Math.max(...Object.values(measured).map((lived) => lived.days.length));
  return markdownTable(COLUMNS, [
    ...POLICIES.map((policy) => row(policy.name, pick(simulate(policy, work, days).map(ofModelDay)))),
    ...Object.entries(measured).map(([name, lived]) => row(`**${name}**`, pick(lived.days.map(ofDay)))),
  ]);
};

const first = (days: readonly Shown[]): Shown => average(days.slice(0, 1));
const later = (days: readonly Shown[]): Shown => average(days.slice(1));

const touches = (lived: Lived): string =>
  Object.entries(lived.touches)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(", ");

/** What pages that come and go wake, on a day on which nothing else happens. */
const wakeUps = ({ days }: Lived): string => {
  const [, day] = days;
  if (day === undefined) return "nothing";
  const { user, town, agent, container } = day.tallies;
  const { requests } = sum([user, town, agent]);
  return (
    `${shown(town.instances)} wake-ups of the town, ${shown(agent.instances)} of the mayor's room, ` +
    `${shown(user.instances)} of the owner's, for ${shown(requests)} requests; ` +
    `${shown(container.instances)} of the container's object`
  );
};

/** The report of the meter, as Markdown. */
export const report = (lived: {
  readonly alone: Lived;
  readonly watched: Lived;
  readonly used: Lived;
}): string => {
  const { alone, watched, used } = lived;
  return `${conditions()} The real rooms, the real container library and workerd's storage lived through simulated days: the
clock is the bench's, every alarm is rung at its time, a room that is left alone for 10 s is evicted, and the machine with the control server is
played. The policies of the reports are models (\`bench/idle/policies.ts\`) that live through the same days.

### A town that is left alone, from its second day to its ${alone.days.length}th

Founded, one rig, the mayor talked to once, then left. The last row has ${PAGES} pages open on it, all of which reconnect every hour.

${table(LEFT_ALONE, { Curfew: alone, "Curfew, ten pages open": watched }, later)}

A day of the ten pages is ${wakeUps(watched)}. In its whole life the town touched its container for: ${touches(alone)}.

### The first day of that town

The price is of a month of such days: a thousand towns, each founded and left every day anew.

${table(LEFT_ALONE, { Curfew: alone, "Curfew, ten pages open": watched }, first)}

### A town that is used every day

Eight messages to the mayor and four beads a day, of ten minutes' work each; the average of ${used.days.length} days.

${table(USED, { Curfew: used }, average)}

In that time the town touched its container for: ${touches(used)}.

### What the prices are made of

Cloudflare's list of 2026, without what is free: requests (an alarm, a call, 20 socket messages) $${PRICES.perMillionRequests}/M, duration
$${PRICES.perMillionGbSeconds}/M GB-s at 128 MB, rows written $${PRICES.perMillionRowsWritten}/M, rows read $${PRICES.perMillionRowsRead}/M, containers
$${PRICES.perGibSecondOfMemory}/GiB-s and $${PRICES.perGbSecondOfDisk}/GB-s of disk. Assumed: the instance has ${BILLED.memoryGib} GiB and
${BILLED.diskGb} GB (\`standard-1\`) and computes nothing while it idles; an object runs ${BILLED.secondsPerEvent} s for each event, and the container's object as long
as its container, whose library rings it every 3 minutes. A tick of the reports' service runs ${ASSUMED.statementsPerTick} statements ("44–54",
"47+"), each of which reads a row, and writes one row for its alarm; what the work itself writes is counted in Curfew's rows only. A tick of
Curfew is an alarm, a call or a message of the town's room, with all that follows from it. The sweep, one cron for all towns of an
instance, is in none of the rows: once a day it looks at each open town, which asks its owner's room and writes a row of the ledger and of its
index: ${dollars(costOf(SWEEP) * TOWNS * BILLED.daysPerMonth)} a month for 1,000 towns, and nothing of the towns' own rooms. Nor is storage, which costs the same
under every policy.`;
};
