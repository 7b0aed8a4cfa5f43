import { useState } from "react";
import { useLocation } from "wouter";
import type { Town } from "../../../src/protocol/town.ts";
import { api } from "../../api.ts";
import { useAction } from "../../use-action.ts";
import { Field, FormEnd } from "../../parts/form.tsx";

interface DeleteTownProps {
  readonly town: Town;
  readonly onDone: () => void;
}

/** Asks for the town's name before it ends the town, then leads to the receipt. */
export const DeleteTown = ({ town, onDone }: DeleteTownProps) => {
  const [typed, setTyped] = useState("");
  const [, navigate] = useLocation();
  const action = useAction();
  const matches = typed.trim() === town.name;
  const remove = async () => {
    if (!matches || !(await action.run(() => api.deleteTown(town.id)))) return;
    onDone();
    navigate(`/towns/${town.id}/gone`);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void remove();
      }}
    >
      <p>
        Every agent of <strong>{town.name}</strong> is stopped, every bead and transcript is wiped. Branches
        that were pushed stay in their repositories. This can’t be undone.
      </p>
      <Field label="Type the town’s name to confirm" name="confirmation">
        {(field) => (
          <input
            {...field}

            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      <FormEnd form={{ ...action, busy: action.busy || !matches }} verb="Delete for ever" />
    </form>
  );
};
