import { parsePatch, type StructuredPatch } from "diff";
import type { BeadSummary } from "../../../src/protocol/bead.ts";
import { api } from "../../api.ts";
import { useLoaded } from "../../use-action.ts";
import { count } from "../../words.ts";
import { placed } from "../../parts/placed.ts";

/** What a bead changes. */
export const BeadDiff = ({ town, bead }: { readonly town: string; readonly bead: BeadSummary }) => {
  const loaded = useLoaded(`${bead.id} ${bead.seq}`, () => api.diff(town, bead.id));
  if (loaded.state === "loading") return <p className="hint">Loading…</p>;
  if (loaded.state === "failed") return <p className="wrong">The diff is unavailable: {loaded.reason}</p>;
  const { diff } = loaded.value;
  if (diff === null) return <p className="hint">Nothing has been pushed yet.</p>;
  return (
    <>
      <p className="small">
        {count(diff.files, "file")} · +{diff.insertions} −{diff.deletions}
      </p>
      <Patches text={diff.text} />
      {diff.truncated && <p className="hint">The diff is longer; this is its beginning.</p>}
    </>
  );
};

/** The files of a diff; `rest` is what is no whole patch, as the last file of one that was cut. */
const patchesOf = (text: string): { readonly patches: StructuredPatch[]; readonly rest: string } => {
  const lastFile = text.lastIndexOf("\ndiff --git ") + 1;
  for (const end of [text.length, lastFile]) {
    try {
      return { patches: parsePatch(text.slice(0, end)), rest: text.slice(end) };
    } catch {
      // Try with less, or show it as it is.
    }
  }
  return { patches: [], rest: text };
};

const nameOf = ({ oldFileName, newFileName }: StructuredPatch): string => {
  const [before = "", after = ""] = [oldFileName, newFileName].map((name) => name?.replace(/^[ab]\//, ""));
  if (after === "/dev/null") return `${before} (deleted)`;
  if (before === "/dev/null") return `${after} (new)`;
  return before === after ? after : `${before} → ${after}`;
};

const Patches = ({ text }: { readonly text: string }) => {
  const { patches, rest } = patchesOf(text);
  return (
    <>
      {patches.map((patch) => (
        <details key={`${patch.oldFileName} ${patch.newFileName}`} className="file" open>
          <summary className="mono">{nameOf(patch)}</summary>
          {patch.hunks.length === 0 ? (
            <p className="hint">No lines to show.</p>
          ) : (
            <div className="hunks mono" role="region" aria-label={`Changes in ${nameOf(patch)}`} tabIndex={0}>
              {patch.hunks.map((hunk) => (
                <Hunk key={`${hunk.oldStart} ${hunk.newStart}`} hunk={hunk} />
              ))}
            </div>
          )}
        </details>
      ))}
      {rest && <pre tabIndex={0}>{rest}</pre>}
    </>
  );
};

interface NumberedLine {
  readonly kind: string;
  /** Of the new file; of the old one where the line is removed. */
  readonly number: number | null;
  readonly text: string;
}

const numbered = ({ oldStart, newStart, lines }: StructuredPatch["hunks"][number]): NumberedLine[] => {
  let before = oldStart;
  let after = newStart;
  return lines.map((text) => {
    switch (text.charAt(0)) {
      case "+":
        return { kind: "added", number: after++, text };
      case "-":
        return { kind: "removed", number: before++, text };
      case "\\":
        return { kind: "remark", number: null, text };
      default:
        before++;
        return { kind: "same", number: after++, text };
    }
  });
};

const Hunk = ({ hunk }: { readonly hunk: StructuredPatch["hunks"][number] }) => (
  <div className="hunk">
    <div className="line at">@@ line {hunk.newStart}</div>
    {placed(numbered(hunk), ({ kind, number, text }) => (
      <div className={`line ${kind}`}>
        <span className="number">{number}</span>
        {text}
      </div>
    ))}
  </div>
);
