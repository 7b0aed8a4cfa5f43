import type { Rig } from "../../../src/protocol/rig.ts";
import { api } from "../../api.ts";
import { useAction } from "../../use-action.ts";
import { DialogButton } from "../../parts/dialog.tsx";
import { Failure } from "../../parts/form.tsx";

const STATE_WORDS: Record<Exclude<Rig["state"], "removed">, string> = {
  checking: "being checked",
  ready: "ready",
  failed: "failed",
};

const RigRow = ({ town, rig }: { readonly town: string; readonly rig: Rig }) => (
  <li className={`rig ${rig.state}`}>
    <details>
      <summary>
        <span className="title">{rig.name}</span>
        {rig.branch && <span className="small mono">{rig.branch}</span>}
        <span className={`state ${rig.state}`}>
          {rig.state === "failed" && <span className="mark" aria-hidden="true" />}
          {rig.state === "removed" ? "" : STATE_WORDS[rig.state]}
        </span>
      </summary>
      <dl>
        <dt>Repository</dt>
        <dd className="mono">{rig.gitUrl}</dd>
        <dt>Gates</dt>
        <dd className="mono">{rig.gates.length === 0 ? "none" : rig.gates.join("\n")}</dd>
        <dt>Credential</dt>
        <dd>{rig.hasCredential ? "set" : "none"}</dd>
        {rig.head && (
          <>
            <dt>Head</dt>
            <dd className="mono">{rig.head.slice(0, 10)}</dd>
          </>
        )}
      </dl>
      <DialogButton name={`Remove rig ${rig.name}`} className="plain">
        {(close) => <RemoveRig town={town} rig={rig.name} onDone={close} />}
      </DialogButton>
    </details>
    {rig.reason && <p className={rig.state === "failed" ? "wrong" : "hint"}>{rig.reason}</p>}
  </li>
);

const RemoveRig = ({
  town,
  rig,
  onDone,
}: {
  readonly town: string;
  readonly rig: string;
  readonly onDone: () => void;
}) => {
  const action = useAction();
  const remove = async () => {
    if (await action.run(() => api.removeRig(town, rig))) onDone();
  };
  return (
    <>
      <p>The town forgets {rig} and its credential. The repository and its branches stay as they are.</p>
      <Failure reason={action.error} />
      <div className="buttons">
        <button type="button" className="danger" disabled={action.busy} onClick={() => void remove()}>
          Remove it
        </button>
      </div>
    </>
  );
};

/** The repositories of a town. */
export const Rigs = ({ town, rigs }: { readonly town: string; readonly rigs: readonly Rig[] }) => (
  <ul className="rows" aria-label="Rigs">
    {rigs.map((rig) => (
      <RigRow key={rig.name} town={town} rig={rig} />
    ))}
  </ul>
);
