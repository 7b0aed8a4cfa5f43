import { type FormEvent, type ReactNode, useId, useState } from "react";
import { flushSync } from "react-dom";
import * as v from "valibot";
import { type Action, useAction } from "../use-action.ts";

/** What was wrong, by the dotted path of the field: `credential.token`. */
type FieldErrors = Readonly<Record<string, string>>;
const NO_ERRORS: FieldErrors = {};

export interface Form extends Action {
  readonly errors: FieldErrors;
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
}

/**
 * A form that is checked by the schema of the wire before it is sent.
 *
 * @param read makes the message from the fields
 * @param send what to do with a message that fits; throws {@link Refusal}
 */
export const useForm = <const S extends v.GenericSchema>(
  schema: S,
  read: (field: (name: string) => string) => unknown,
  send: (message: v.InferOutput<S>) => Promise<unknown>,
): Form => {
  const action = useAction();
  const [errors, setErrors] = useState<FieldErrors>(NO_ERRORS);

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const field = (name: string) => {
      const value = fields.get(name);
      return typeof value === "string" ? value : "";
    };
    const result = v.safeParse(schema, read(field));
    flushSync(() => setErrors(result.success ? NO_ERRORS : byField(result.issues)));
    if (result.success) void action.run(() => send(result.output));
    else form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  };
  return { ...action, errors, onSubmit };
};

const byField = (issues: readonly v.BaseIssue<unknown>[]): FieldErrors => {
  const errors: Record<string, string> = {};
  for (const issue of issues) {
    const path = v.getDotPath(issue) ?? "";
    errors[path] ??= issue.message;
  }
  return errors;
};

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly hint?: ReactNode;
  readonly errors?: FieldErrors;
  readonly children: (attributes: {
    id: string;
    name: string;
    "aria-invalid": boolean;
    "aria-describedby": string | undefined;
  }) => ReactNode;
}

/** A labelled field with its hint and what was wrong with it. */
export const Field = ({ label, name, hint, errors = NO_ERRORS, children }: FieldProps) => {
  const id = useId();
  // An error of an item (`gates.0`) is one of the list.
  const error = errors[name] ?? Object.entries(errors).find(([path]) => path.startsWith(`${name}.`))?.[1];
  const said = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, name, "aria-invalid": error !== undefined, "aria-describedby": said || undefined })}
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p className="wrong" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
};

/** The end of a form: why it failed, and its buttons. */
export const FormEnd = ({
  form,
  verb,
  children,
}: {
  readonly form: Action;
  readonly verb: string;
  readonly children?: ReactNode;
}) => (
  <>
    <Failure reason={form.error} />
    <div className="buttons">
      <button type="submit" className="primary" disabled={form.busy}>
        {verb}
      </button>
      {children}
    </div>
  </>
);

/** Why something a person asked for did not happen. */
export const Failure = ({ reason }: { readonly reason: string | null }) =>
  reason === null ? null : (
    <p className="wrong" role="alert">
      {reason}
    </p>
  );

/** That what was sent now holds. */
export const Saved = ({ shown }: { readonly shown: boolean }) => (
  <span className="small" role="status">
    {shown && "Saved"}
  </span>
);
