import { useState } from "react";
import { NewRig } from "../../../src/protocol/rig.ts";
import { api } from "../../api.ts";
import { Field, FormEnd, useForm } from "../../parts/form.tsx";

type CredentialKind = "none" | "token" | "ssh";

const KINDS: readonly (readonly [CredentialKind, string])[] = [
  ["none", "None"],
  ["token", "Token (https)"],
  ["ssh", "SSH key"],
];

/** `https://host/me/My_App.git` → `my_app` */
const nameFrom = (gitUrl: string): string =>
  (/([^/:]+?)(?:\.git)?\/*$/.exec(gitUrl.trim())?.[1] ?? "")
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^[-_]+/, "")
    .slice(0, 40);

const credential = (kind: CredentialKind, field: (name: string) => string) => {
  switch (kind) {
    case "none":
      return {};
    case "token": {
      const username = field("credential.username").trim();
      const token = field("credential.token").trim();
      return { credential: { kind, token, ...(username && { username }) } };
    }
    case "ssh":
      // OpenSSH wants the last line ended, which pasting often loses.
      return { credential: { kind, privateKey: `${field("credential.privateKey").trim()}\n` } };
  }
};

interface AddRigProps {
  readonly town: string;
  readonly local: boolean;
  readonly onDone: () => void;
}

/** The form of a new rig. Credentials go out and never come back. */
export const AddRig = ({ town, local, onDone }: AddRigProps) => {
  const [kind, setKind] = useState<CredentialKind>("none");
  const [gitUrl, setGitUrl] = useState("");
  const form = useForm(
    NewRig,
    (field) => ({
      name: field("name").trim() || nameFrom(gitUrl),
      gitUrl: field("gitUrl"),
      ...(field("branch").trim() && { branch: field("branch").trim() }),
      gates: field("gates")
        .split("\n")
        .filter((line) => line.trim() !== ""),
      ...credential(kind, field),
    }),
    async (rig) => {
      await api.addRig(town, rig);
      onDone();
    },
  );
  const { errors } = form;
  return (
    <form onSubmit={form.onSubmit} noValidate>
      <Field
        label="Repository"
        name="gitUrl"
        errors={errors}
        hint={local ? "An https, ssh or file URL, or a path on this machine." : "An https or ssh URL."}
      >
        {(field) => (
          <input
            {...field}

            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setGitUrl(event.target.value)}
          />
        )}
      </Field>
      <div className="pair">
        <Field label="Name" name="name" errors={errors}>
          {(field) => (
            <input {...field} autoComplete="off" spellCheck={false} placeholder={nameFrom(gitUrl)} />
          )}
        </Field>
        <Field label="Branch" name="branch" errors={errors}>
          {(field) => <input {...field} autoComplete="off" spellCheck={false} placeholder="its default" />}
        </Field>
      </div>
      <Field
        label="Gates"
        name="gates"
        errors={errors}
        hint="Shell commands, one a line. All must pass on the merged tree before it is pushed."
      >
        {(field) => (
          <textarea {...field} className="mono" rows={2} spellCheck={false} placeholder="npm test" />
        )}
      </Field>
      <fieldset>
        <legend>Credential</legend>
        {KINDS.map(([value, label]) => (
          <label key={value} className="choice">
            <input type="radio" name="kind" checked={kind === value} onChange={() => setKind(value)} />
            {label}
          </label>
        ))}
      </fieldset>
      {kind === "token" && (
        <div className="pair">
          <Field label="Token" name="credential.token" errors={errors}>
            {(field) => <input {...field} type="password" autoComplete="off" />}
          </Field>
          <Field label="User name" name="credential.username" errors={errors}>
            {(field) => <input {...field} autoComplete="off" placeholder="x-access-token" />}
          </Field>
        </div>
      )}
      {kind === "ssh" && (
        <Field
          label="Private key"
          name="credential.privateKey"
          errors={errors}
          hint="OpenSSH format, without a passphrase; best a deploy key of this repository alone."
        >
          {(field) => <textarea {...field} className="mono" rows={5} autoComplete="off" spellCheck={false} />}
        </Field>
      )}
      <FormEnd form={form} verb="Add rig" />
    </form>
  );
};
