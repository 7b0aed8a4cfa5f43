import { Link } from "wouter";
import type { ContainerView, Town } from "../../../src/protocol/town.ts";
import { useNow } from "../../use-action.ts";
import { about, count, durationText, fullTime, LAMP_WORDS, timeOf, usageText } from "../../words.ts";
import { Lamp, LampOut } from "../../parts/lamp.tsx";

/** How much of the time until sleep is left, 0 to 1; `null` if no deadline runs. */
export const leftOf = ({ container, settings }: Town, now: number): number | null =>
  container.sleepsAt === null
    ? null
    : Math.min(1, Math.max(0, (container.sleepsAt - now) / Math.max(1, settings.sleepAfterMs)));

/** Why the town is awake or asleep, until when, and what ever touched its container. */
export const LampView = ({ town, stale = false }: { readonly town: Town; readonly stale?: boolean }) => {
  const now = useNow(1000);
  const { container } = town;
  return (
    <section aria-labelledby="lamp-title">
      {stale ? <LastKnown container={container} now={now} /> : <Present town={town} now={now} />}
      <dl>
        <dt>Sleeps after</dt>
        <dd>
          {durationText(town.settings.sleepAfterMs)} without work (
          <Link href={`/towns/${town.id}/settings`}>change</Link>)
        </dd>
        <dt>Started</dt>
        <dd>{count(container.life, "time")}</dd>
        {container.lastExit && (
          <>
            <dt>Last ended</dt>
            <dd>
              {fullTime(container.lastExit.at)}: {container.lastExit.reason}
              {container.lastExit.code !== null && ` (exit ${container.lastExit.code})`}
            </dd>
          </>
        )}
        <dt>Usage</dt>
        <dd>{usageText(town.usage)}</dd>
      </dl>
      <Touches container={container} now={now} />
    </section>
  );
};

const Present = ({ town, now }: { readonly town: Town; readonly now: number }) => {
  const { container, wake } = town;
  return (
    <>
      <header className="head">
        <h2 id="lamp-title">
          <Lamp state={container.state} left={leftOf(town, now)} bare /> {LAMP_WORDS[container.state]}
        </h2>
        <span className="small">since {timeOf(container.since, now)}</span>
      </header>
      <p className="serif why">{container.why}</p>
      <p className="serif">{untilWhen(container, now)}</p>
      <p className="serif">
        {wake === null ? "No alarm is set." : `The next alarm is at ${timeOf(wake.at, now)}: ${wake.why}.`}
      </p>
    </>
  );
};

/** While the server is away nothing is known of the present. */
const LastKnown = ({ container, now }: { readonly container: ContainerView; readonly now: number }) => (
  <>
    <header className="head">
      <h2 id="lamp-title">
        <LampOut />
      </h2>
    </header>
    <p className="serif why">
      This page has no connection, so it can’t say whether the town is awake. When it last could, it was{" "}
      {LAMP_WORDS[container.state]}, since {timeOf(container.since, now)}.
    </p>
  </>
);

const untilWhen = ({ state, sleepsAt }: ContainerView, now: number): string => {
  if (state === "asleep") return "It costs nothing until somebody needs it.";
  if (state === "stopping") return "It is being stopped.";
  if (sleepsAt === null) return "It stays awake for as long as this takes.";
  return sleepsAt > now
    ? `It sleeps at ${timeOf(sleepsAt, now)}, in ${about(sleepsAt - now)}, if nothing more happens.`
    : "It is about to sleep.";
};

const Touches = ({ container, now }: { readonly container: ContainerView; readonly now: number }) => (
  <>
    <h3>What touched the container</h3>
    {container.touches.length === 0 ? (
      <p className="hint">Nothing yet.</p>
    ) : (
      <table>
        <thead>
          <tr>
            <th scope="col">Reason</th>
            <th scope="col">Times</th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          {container.touches
            .toSorted((a, b) => b.lastAt - a.lastAt)
            .map((touch) => (
              <tr key={touch.reason}>
                <td>{touch.reason}</td>
                <td>{touch.count}</td>
                <td title={fullTime(touch.lastAt)}>{timeOf(touch.lastAt, now)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    )}
    <p className="hint">Looking at this page does not touch it.</p>
  </>
);
