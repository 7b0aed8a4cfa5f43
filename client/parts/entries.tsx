import { memo } from "react";
import type { Entry, MessageState } from "../../src/protocol/entry.ts";
import { fullTime } from "../words.ts";
import { Markdown } from "./markdown.tsx";
import { placed } from "./placed.ts";
import { type Step, Steps } from "./steps.tsx";

type Row =
  | { readonly key: number; readonly entry: Exclude<Entry, Step> }
  | { readonly key: number; readonly steps: readonly Step[] };

/** Puts steps that follow each other together. */
const rowsOf = (entries: readonly Entry[]): Row[] => {
  const rows: Row[] = [];
  for (const entry of entries) {
    const last = rows.at(-1);
    if (entry.kind !== "tool" && entry.kind !== "thought") rows.push({ key: entry.id, entry });
    else if (last && "steps" in last) rows[rows.length - 1] = { ...last, steps: [...last.steps, entry] };
    else rows.push({ key: entry.id, steps: [entry] });
  }
  return rows;
};

const MESSAGE_WORDS: Partial<Record<MessageState, string>> = {
  queued: "queued",
  cancelled: "cancelled",
  failed: "failed",
};

const UserEntry = ({ entry }: { readonly entry: Entry & { kind: "user" } }) => (
  <div className="said">
    <p>{entry.text}</p>
    {MESSAGE_WORDS[entry.state] && <p className="hint">{MESSAGE_WORDS[entry.state]}</p>}
  </div>
);

interface OneEntryProps {
  readonly entry: Exclude<Entry, Step>;
  readonly streaming: boolean;
}

/** Remade only when its entry changed: the rest of a transcript never sees a token. */
const OneEntry = memo(({ entry, streaming }: OneEntryProps) => {
  switch (entry.kind) {
    case "user":
      return <UserEntry entry={entry} />;
    case "text":
      return <Markdown text={entry.text} streaming={streaming} />;
    case "plan":
      return (
        <ul className="plan" aria-label="Plan">
          {placed(entry.items, (item) => (
            <li data-status={item.status}>
              {item.text} <span className="small">{item.status.replaceAll("_", " ")}</span>
            </li>
          ))}
        </ul>
      );
    case "notice":
      return (
        <p className={`notice ${entry.level}`} title={fullTime(entry.at)}>
          {entry.text}
        </p>
      );
  }
});

interface EntriesProps {
  readonly entries: readonly Entry[];
  /** The agent is at work, so the last text may still grow. */
  readonly working: boolean;
}

/** A transcript, oldest first. */
export const Entries = ({ entries, working }: EntriesProps) => {
  const last = entries.at(-1);
  return rowsOf(entries).map((row) => (
    <div className="entry" key={row.key}>
      {"steps" in row ? (
        <Steps steps={row.steps} />
      ) : (
        <OneEntry entry={row.entry} streaming={working && row.entry === last} />
      )}
    </div>
  ));
};
