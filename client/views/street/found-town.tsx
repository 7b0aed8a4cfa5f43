import { useLocation } from "wouter";
import { NewTown } from "../../../src/protocol/settings.ts";
import { api } from "../../api.ts";
import { Field, FormEnd, useForm } from "../../parts/form.tsx";

/** The form of a new town; leads there. */
export const FoundTown = ({ onDone }: { readonly onDone: () => void }) => {
  const [, navigate] = useLocation();
  const form = useForm(
    NewTown,
    (field) => ({ name: field("name") }),
    async (order) => {
      const town = await api.foundTown(order);
      onDone();
      navigate(`/towns/${town.id}`);
    },
  );
  return (
    <form onSubmit={form.onSubmit} noValidate>
      <Field label="Name" name="name" errors={form.errors}>
        {(field) => <input {...field} autoComplete="off" maxLength={80} />}
      </Field>
      <FormEnd form={form} verb="Found it" />
    </form>
  );
};
