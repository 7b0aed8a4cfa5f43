import { type ReactNode, useState } from "react";

interface OpenedProps {
  readonly className: string;
  readonly summary: ReactNode;
  /** Whether it stands open from the start. */
  readonly open?: boolean;
  readonly children: ReactNode;
}

/** Folds away; what is in it is only there (only loaded) while it is open. */
export const Opened = ({ className, summary, open = false, children }: OpenedProps) => {
  const [isOpen, setOpen] = useState(open);
  return (
    <details className={className} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen && children}
    </details>
  );
};

/** A part of a page that is folded at first. */
export const Later = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <Opened className="fold later" summary={title}>
    {children}
  </Opened>
);
