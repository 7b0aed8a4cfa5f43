import type { BeadSummary, GateSummary } from "../../../src/protocol/bead.ts";
import { api } from "../../api.ts";
import { Opened } from "../../parts/later.tsx";
import { useLoaded } from "../../use-action.ts";
import { about, plain } from "../../words.ts";

const verdict = ({ exitCode }: GateSummary): string => {
  if (exitCode === 0) return "passed";
  return exitCode === null ? "did not end" : `failed (exit ${exitCode})`;
};

interface GatesProps {
  readonly town: string;
  readonly bead: BeadSummary;
}

/** What the gates said when the bead was last merged, in the order in which they ran. */
export const Gates = ({ town, bead }: GatesProps) => {
  const loaded = useLoaded(`${bead.id} ${bead.seq}`, () => api.gates(town, bead.id));
  if (loaded.state === "loading") return <p className="hint">Loading…</p>;
  if (loaded.state === "failed") return <p className="wrong">The gate log is unavailable: {loaded.reason}</p>;
  const { items } = loaded.value;
  const gates = items.filter(({ run }) => run === items[0]?.run).toReversed();
  if (gates.length === 0) return <p className="hint">No gate has run for this bead.</p>;
  return gates.map((gate) => <Gate key={gate.id} town={town} bead={bead} gate={gate} />);
};

const Gate = ({ town, bead, gate }: GatesProps & { readonly gate: GateSummary }) => (
  <Opened
    className="gate"
    open={gate.exitCode !== 0}
    summary={
      <>
        <code>{gate.command}</code>
        <span className={gate.exitCode === 0 ? "good" : "bad"}>
          {verdict(gate)} · {about(gate.durationMs)}
        </span>
      </>
    }
  >
    <Output town={town} bead={bead.id} gate={gate.id} />
  </Opened>
);

interface OutputProps {
  readonly town: string;
  readonly bead: string;
  readonly gate: string;
}

/** What a gate printed: read when it is looked at. */
const Output = ({ town, bead, gate }: OutputProps) => {
  const loaded = useLoaded(`${bead} ${gate}`, () => api.gate(town, bead, gate));
  if (loaded.state === "loading") return <p className="hint">Loading…</p>;
  if (loaded.state === "failed") return <p className="wrong">The output is unavailable: {loaded.reason}</p>;
  return <pre tabIndex={0}>{plain(loaded.value.output) || "No output."}</pre>;
};
