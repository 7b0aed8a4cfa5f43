import { useState } from "react";
import { SettingsPatch } from "../../../src/protocol/settings.ts";
import type { Town } from "../../../src/protocol/town.ts";
import { api, type Me } from "../../api.ts";
import { useAction } from "../../use-action.ts";
import { Failure, Field, FormEnd, Saved, useForm } from "../../parts/form.tsx";

interface ModelFormProps {
  readonly town: Town;
  readonly instance: Me["instance"];
}

/** The model of one town, before that of the whole instance. */
export const ModelForm = ({ town, instance }: ModelFormProps) => {
  const { model } = town.settings;
  const [saved, setSaved] = useState(false);
  const [typedKey, setTypedKey] = useState("");
  const removal = useAction();
  const form = useForm(
    SettingsPatch,
    (field) => ({
      model: {
        baseUrl: field("model.baseUrl").trim(),
        model: field("model.model"),
        // Left empty, the key that is there stays.
        ...(typedKey && { key: typedKey.trim() }),
      },
    }),
    async (patch) => {
      await api.configure(town.id, patch);
      setTypedKey("");
      setSaved(true);
    },
  );
  const remove = async (fields: HTMLFormElement | null) => {
    await api.configure(town.id, { model: null });
    fields?.reset();
    setSaved(false);
  };
  const { errors } = form;
  return (
    <section aria-labelledby="model-title">
      <header className="head">
        <h2 id="model-title">Model</h2>
      </header>
      <p className="hint">
        {model === null && instance.model !== null
          ? `This instance has one for all towns: ${instance.model.model} at ${instance.model.baseUrl}. Set another here.`
          : "Any OpenAI-compatible service. Its key stays with the server and never enters a container."}
      </p>
      <form onSubmit={form.onSubmit} onChange={() => setSaved(false)} noValidate>
        <Field label="Base URL" name="model.baseUrl" errors={errors}>
          {(field) => (
            <input
              {...field}
              type="url"
              defaultValue={model?.baseUrl}
              placeholder="https://api.example.com/v1"
              autoComplete="off"
            />
          )}
        </Field>
        <div className="pair">
          <Field label="Model" name="model.model" errors={errors}>
            {(field) => (
              <input {...field} defaultValue={model?.model} autoComplete="off" spellCheck={false} />
            )}
          </Field>
          <Field label="Key" name="model.key" errors={errors}>
            {(field) => (
              <input
                {...field}
                type="password"
                autoComplete="off"
                value={typedKey}
                onChange={(event) => setTypedKey(event.target.value)}
                placeholder={model?.hasKey ? "set; empty keeps it" : ""}
              />
            )}
          </Field>
        </div>
        <FormEnd form={form} verb="Save model">
          {model && (
            <button
              type="button"
              disabled={removal.busy}
              onClick={({ currentTarget: { form: fields } }) => void removal.run(() => remove(fields))}
            >
              Remove model
            </button>
          )}
          <Saved shown={saved} />
        </FormEnd>
        <Failure reason={removal.error} />
      </form>
    </section>
  );
};
