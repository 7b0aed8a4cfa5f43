import { useState } from "react";
import { Link } from "wouter";
import type { Activity as Line } from "../../../src/protocol/activity.ts";
import { api } from "../../api.ts";
import { addTo } from "../../state/more.ts";
import type { TownView } from "../../state/reduce-town.ts";
import type { Room } from "../../state/room.ts";
import { More } from "../../parts/more.tsx";
import { placed } from "../../parts/placed.ts";
import { fullTime, timeOf } from "../../words.ts";

/** The town's diary, newest first; its waking and sleeping only when asked for. */
export const Activity = ({ view, room }: { readonly view: TownView; readonly room: Room<TownView> }) => {
  const { town, activity } = view;
  const [life, setLife] = useState(false);
  const lines = activity.filter((line) => life || line.kind !== "life").toReversed();
  return (
    <section aria-labelledby="activity-title">
      <header className="head">
        <h2 id="activity-title">Activity</h2>
        <label className="choice">
          <input type="checkbox" checked={life} onChange={(event) => setLife(event.target.checked)} />
          Waking and sleeping
        </label>
      </header>
      {lines.length === 0 && <p className="hint">Nothing has happened yet.</p>}
      <ol className="rows diary" aria-label="Activity">
        {lines.map((line) => (
          <ActivityLine key={line.seq} town={town.id} line={line} />
        ))}
      </ol>
      {(activity[0]?.seq ?? 1) > 1 && (
        <More
          key={view.begun}
          what="of the past"
          load={async (cursor) => {
            const { items, next } = await api.activity(town.id, cursor);
            addTo(room, { activity: items });
            return next;
          }}
        />
      )}
    </section>
  );
};

const ActivityLine = ({ town, line }: { readonly town: string; readonly line: Line }) => (
  <li className={line.kind}>
    <time dateTime={new Date(line.at).toISOString()} title={fullTime(line.at)}>
      {timeOf(line.at)}
    </time>
    <span>
      {line.kind === "trouble" && <span className="mark" role="img" aria-label="Trouble: " />}
      {placed(wordsOf(line), (word) => {
        if (word === line.bead) return <Link href={`/towns/${town}/board/${word}`}>{word}</Link>;
        if (word === line.agent) return <Link href={`/towns/${town}/agents/${word}`}>{word}</Link>;
        return word;
      })}
    </span>
  </li>
);

/** A line's text with the names of its bead and its agent on their own, and at the end if it lacks them. */
const wordsOf = ({ text, bead, agent }: Line): string[] => {
  const words = text.split(/\b(b\d+|polecat-\d+|mayor)\b/);
  const missing = [bead, agent].filter((name) => name !== null && !words.includes(name));
  return [...words, ...missing.flatMap((name) => [" ", name ?? ""])];
};
