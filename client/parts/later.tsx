import { type ReactNode, useState } from "react";

/** Folded, and only there (only loaded) once a person opens it. */
export const Later = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => {
  const [open, setOpen] = useState(false);
  return (
    <details className="fold later" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {open && children}
    </details>
  );
};
