import type { Town } from "../../../src/protocol/town.ts";
import type { Me } from "../../api.ts";
import { DeleteTown } from "./delete-town.tsx";
import { DialogButton } from "../../parts/dialog.tsx";
import { ModelForm } from "./model-form.tsx";
import { TownForm } from "./town-form.tsx";

interface SettingsProps {
  readonly town: Town;
  readonly instance: Me["instance"];
}

/** What a person can change about a town, its end included. */
export const Settings = ({ town, instance }: SettingsProps) => (
  <>
    <ModelForm town={town} instance={instance} />
    <TownForm town={town} />
    <section aria-labelledby="end-title">
      <header className="head">
        <h2 id="end-title">The end</h2>
      </header>
      <p className="hint">Stops its agents, wipes everything the town knows, and leaves a receipt.</p>
      <DialogButton name="Delete this town" className="danger">
        {(close) => <DeleteTown town={town} onDone={close} />}
      </DialogButton>
    </section>
  </>
);
