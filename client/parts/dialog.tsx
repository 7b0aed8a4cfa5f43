import { type ReactNode, useEffect, useId, useRef, useState } from "react";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A modal dialog while it is mounted; Escape and its button close it, focus goes back. */
const Dialog = ({ title, onClose, children }: DialogProps) => {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    ref.current?.showModal();
    ref.current?.querySelector<HTMLElement>("input, select, textarea")?.focus();
  }, []);
  return (
    <dialog ref={ref} aria-labelledby={id} onClose={onClose}>
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" className="plain" onClick={() => ref.current?.close()}>
          Close
        </button>
      </header>
      {children}
    </dialog>
  );
};

interface DialogButtonProps {
  /** The button's name and the dialog's title. */
  readonly name: string;
  readonly className?: string;
  readonly disabled?: boolean;
  readonly children: (close: () => void) => ReactNode;
}

/** A button that opens a dialog. */
export const DialogButton = ({ name, className, disabled, children }: DialogButtonProps) => {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <button type="button" className={className} disabled={disabled} onClick={() => setOpen(true)}>
        {name}
      </button>
      {open && (
        <Dialog title={name} onClose={close}>
          {children(close)}
        </Dialog>
      )}
    </>
  );
};
