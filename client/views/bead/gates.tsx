import type { Bead, GateResult } from "../../../src/protocol/bead.ts";
import { api } from "../../api.ts";
import { useLoaded } from "../../use-action.ts";
import { about, plain } from "../../words.ts";
import { placed } from "../../parts/placed.ts";

const verdict = ({ exitCode }: GateResult): string => {
  if (exitCode === 0) return "passed";
  return exitCode === null ? "did not end" : `failed (exit ${exitCode})`;
};

/** What the gates said when the bead was last merged. */
export const Gates = ({ town, bead }: { readonly town: string; readonly bead: Bead }) => {
  const loaded = useLoaded(`${bead.id} ${bead.seq}`, () => api.gates(town, bead.id));
  if (loaded.state === "loading") return <p className="hint">Loading…</p>;
  if (loaded.state === "failed") return <p className="wrong">The gate log is unavailable: {loaded.reason}</p>;
  const { gates } = loaded.value;
  if (gates.length === 0) return <p className="hint">No gate has run for this bead.</p>;
  return placed(gates, (gate) => <Gate gate={gate} />);
};

const Gate = ({ gate }: { readonly gate: GateResult }) => (
  <details className="gate" open={gate.exitCode !== 0}>
    <summary>
      <code>{gate.command}</code>
      <span className={gate.exitCode === 0 ? "good" : "bad"}>
        {verdict(gate)} · {about(gate.durationMs)}
      </span>
    </summary>
    <pre tabIndex={0}>{plain(gate.output) || "No output."}</pre>
  </details>
);
