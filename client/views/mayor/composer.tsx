import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import type { ContainerState } from "../../../src/protocol/town.ts";

interface ComposerProps {
  readonly onSend: (text: string) => void;
  readonly container: ContainerState;
}

/** Enter sends, Shift and Enter makes a line. A message may always be written: it queues. */
export const Composer = ({ onSend, container }: ComposerProps) => {
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() === "") return;
    onSend(text);
    setText("");
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };

  return (
    <form className="composer" onSubmit={submit}>
      <textarea
        ref={field}
        aria-label="Message to the mayor"
        placeholder={
          container === "asleep" ? "Message to the mayor (this wakes the town)" : "Message to the mayor"
        }
        rows={1}
        maxLength={100_000}
        enterKeyHint="send"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" className="primary" disabled={text.trim() === ""}>
        Send
      </button>
    </form>
  );
};
