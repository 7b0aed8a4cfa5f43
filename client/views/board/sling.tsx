import { useState } from "react";
import { NewBead } from "../../../src/protocol/bead.ts";
import type { Rig } from "../../../src/protocol/rig.ts";
import { api } from "../../api.ts";
import { newId } from "../../new-id.ts";
import { Field, FormEnd, useForm } from "../../parts/form.tsx";

interface SlingProps {
  readonly town: string;
  readonly rigs: readonly Rig[];
  readonly onDone: () => void;
}

/** A bead made by hand, past the mayor. */
export const Sling = ({ town, rigs, onDone }: SlingProps) => {
  // Pressed again after a lost answer, it is the same bead; once edited, another.
  const [key, setKey] = useState(newId);
  const form = useForm(
    NewBead,
    (field) => ({ rig: field("rig"), title: field("title"), body: field("body"), key }),
    async (bead) => {
      await api.sling(town, bead);
      onDone();
    },
  );
  return (
    <form onSubmit={form.onSubmit} onChange={() => setKey(newId())} noValidate>
      <Field label="Rig" name="rig" errors={form.errors}>
        {(field) => (
          <select {...field}>
            {rigs.map((rig) => (
              <option key={rig.name}>{rig.name}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Title" name="title" errors={form.errors}>
        {(field) => <input {...field} maxLength={200} autoComplete="off" />}
      </Field>
      <Field
        label="What to do"
        name="body"
        errors={form.errors}
        hint="Markdown. Without a model, the polecat runs the fenced sh blocks."
      >
        {(field) => <textarea {...field} className="mono" rows={8} />}
      </Field>
      <FormEnd form={form} verb="Sling it" />
    </form>
  );
};
