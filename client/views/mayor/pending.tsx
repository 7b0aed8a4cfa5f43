import type { Outbox, Pending } from "../../state/outbox.ts";

const words = ({ state, reason }: Pending): string => {
  switch (state) {
    case "sending":
    case "sent":
      return "sending…";
    case "waiting":
      return `not sent yet, will be tried again: ${reason}`;
    case "refused":
      return `not sent: ${reason}`;
  }
};

/** A message that the transcript doesn't show yet. */
export const PendingMessage = ({
  pending,
  outbox,
}: {
  readonly pending: Pending;
  readonly outbox: Outbox;
}) => (
  <div className={"entry said unsettled"}>
    <p>{pending.text}</p>
    <p className={pending.state === "refused" ? "wrong" : "hint"} role="status">
      {words(pending)}
    </p>
    {pending.state === "waiting" && (
      <button type="button" className="plain" onClick={outbox.hurry}>
        Send now
      </button>
    )}
    {pending.state === "refused" && (
      <button type="button" className="plain" onClick={() => outbox.discard(pending.id)}>
        Discard
      </button>
    )}
  </div>
);
