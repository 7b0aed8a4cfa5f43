import { useState } from "react";
import { SettingsPatch } from "../../../src/protocol/settings.ts";
import type { Town } from "../../../src/protocol/town.ts";
import { api } from "../../api.ts";
import { durationText } from "../../words.ts";
import { Field, FormEnd, Saved, useForm } from "../../parts/form.tsx";

const RUNTIMES = [
  ["auto", "Automatic: opencode with a model, else the script runtime"],
  ["script", "Script: runs commands, needs no model"],
  ["opencode", "opencode"],
  ["command", "Another agent that speaks ACP"],
] as const;

/** The town's settings as the fields show them. */
const shown = ({ name, settings: { runtime, sleepAfterMs, caps } }: Town) => ({
  name,
  kind: typeof runtime === "string" ? runtime : "command",
  command: typeof runtime === "string" ? "" : runtime.join("\n"),
  sleepAfter: durationText(sleepAfterMs),
  polecats: String(caps.polecats),
  tokens: caps.tokens === null ? "" : String(caps.tokens),
});
type Shown = ReturnType<typeof shown>;

/** What differs, as a patch. */
const patchOf = (before: Shown, after: Shown): unknown => {
  const differs = (...keys: (keyof Shown)[]) => keys.some((key) => before[key] !== after[key]);
  const command = after.command.split("\n").filter(Boolean);
  return {
    ...(differs("name") && { name: after.name }),
    ...(differs("kind", "command") && { runtime: after.kind === "command" ? command : after.kind }),
    ...(differs("sleepAfter") && { sleepAfter: after.sleepAfter }),
    ...(differs("polecats", "tokens") && {
      caps: {
        ...(differs("polecats") && { polecats: Number(after.polecats) }),
        ...(differs("tokens") && { tokens: after.tokens === "" ? null : Number(after.tokens) }),
      },
    }),
  };
};

/** A town's name, runtime, sleep and caps; sends only what was changed. */
export const TownForm = ({ town }: { readonly town: Town }) => {
  const before = shown(town);
  const [kind, setKind] = useState(before.kind);
  const [saved, setSaved] = useState(false);
  const form = useForm(
    SettingsPatch,
    (field) =>
      patchOf(before, {
        name: field("name"),
        kind,
        command: field("runtime"),
        sleepAfter: field("sleepAfter").trim(),
        polecats: field("caps.polecats"),
        tokens: field("caps.tokens").trim(),
      }),
    async (patch) => {
      await api.configure(town.id, patch);
      setSaved(true);
    },
  );
  const { errors } = form;
  return (
    <section aria-labelledby="town-title">
      <header className="head">
        <h2 id="town-title">Town</h2>
      </header>
      <form onSubmit={form.onSubmit} onChange={() => setSaved(false)} noValidate>
        <Field label="Town's name" name="name" errors={errors}>
          {(field) => <input {...field} defaultValue={before.name} autoComplete="off" />}
        </Field>
        <Field label="Runtime" name="kind">
          {(field) => (
            <select {...field} value={kind} onChange={(event) => setKind(event.target.value)}>
              {RUNTIMES.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          )}
        </Field>
        {kind === "command" && (
          <Field
            label="Command"
            name="runtime"
            errors={errors}
            hint="The program and its arguments, one a line."
          >
            {(field) => (
              <textarea
                {...field}
                className="mono"
                rows={3}
                spellCheck={false}
                defaultValue={before.command}
              />
            )}
          </Field>
        )}
        <Field
          label="Sleep after"
          name="sleepAfter"
          errors={errors}
          hint="How long the town stays awake after its last work: 90s, 30m, 2h."
        >
          {(field) => <input {...field} defaultValue={before.sleepAfter} autoComplete="off" />}
        </Field>
        <div className="pair">
          <Field label="Polecats at once" name="caps.polecats" errors={errors}>
            {(field) => <input {...field} type="number" min={1} max={20} defaultValue={before.polecats} />}
          </Field>
          <Field label="Most tokens ever" name="caps.tokens" errors={errors}>
            {(field) => (
              <input
                {...field}
                inputMode="numeric"
                defaultValue={before.tokens}
                placeholder="no limit"
                autoComplete="off"
              />
            )}
          </Field>
        </div>
        <FormEnd form={form} verb="Save town">
          <Saved shown={saved} />
        </FormEnd>
      </form>
    </section>
  );
};
