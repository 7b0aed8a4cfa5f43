import type { TownReceipt } from "../../../src/protocol/receipt.ts";
import { bytesText, count, fullTime } from "../../words.ts";

type Step = TownReceipt["finalizers"][number];

const NAMES: Record<Step["name"], string> = {
  sockets: "Sockets closed",
  container: "Container killed",
  children: "Agents wiped",
  self: "The town itself wiped",
};

/** What is left of a town. */
export const Receipt = ({ receipt }: { readonly receipt: TownReceipt }) => (
  <>
    <p className="serif why">
      {receipt.state === "gone" && receipt.endedAt !== null
        ? `Gone since ${fullTime(receipt.endedAt)}.`
        : "It is being taken down. Each step is tried until it is done."}
    </p>
    {receipt.waitsFor !== undefined && <p className="wrong">The last try failed: {receipt.waitsFor}</p>}
    <ol className="rows steps-done" aria-label="What was done">
      {receipt.finalizers.map((step) => (
        <li key={step.name} className={step.state}>
          <p>{NAMES[step.name]}</p>
          <p className="small">{step.state === "done" ? done(step) : due(step)}</p>
        </li>
      ))}
    </ol>
    <dl>
      <dt>Room</dt>
      <dd className="mono">{receipt.room}</dd>
      <dt>Why</dt>
      <dd>{receipt.cause}</dd>
      {receipt.startedAt !== null && (
        <>
          <dt>Begun</dt>
          <dd>{fullTime(receipt.startedAt)}</dd>
        </>
      )}
      {receipt.agents !== null && (
        <>
          <dt>Agents</dt>
          <dd>{receipt.agents}</dd>
        </>
      )}
      {receipt.bytesBefore !== null && (
        <>
          <dt>Stored</dt>
          <dd>
            {bytesText(receipt.bytesBefore)} before
            {receipt.bytesAfter !== null && `, ${bytesText(receipt.bytesAfter)} after`}
          </dd>
        </>
      )}
      {receipt.containerExit !== null && (
        <>
          <dt>Container</dt>
          <dd>{receipt.containerExit}</dd>
        </>
      )}
      {receipt.branches !== null && receipt.branches.length > 0 && (
        <>
          <dt>Branches that stay</dt>
          <dd className="mono">
            {receipt.branches.map(({ rig, branch }) => `${rig}: ${branch}`).join("\n")}
          </dd>
        </>
      )}
    </dl>
    {receipt.verified && <Verdict verified={receipt.verified} />}
  </>
);

const done = ({ detail, doneAt }: Step): string =>
  [detail, doneAt === null ? null : fullTime(doneAt)].filter(Boolean).join(" · ");

const due = ({ attempts, reason }: Step): string =>
  attempts === 0 ? "due" : `due after ${count(attempts, "failed attempt")}${reason ? `: ${reason}` : ""}`;

const Verdict = ({ verified }: { readonly verified: NonNullable<TownReceipt["verified"]> }) => (
  <div role="status">
    <p className={verified.ok ? "good" : "wrong"}>
      {verified.ok ? "Looked again: nothing is left." : "Looked again: something is left."}{" "}
      <span className="small">{fullTime(verified.at)}</span>
    </p>
    <ul>
      {verified.findings.map(({ room, found }) => (
        <li key={`${room} ${found}`}>
          <span className="mono">{room}</span>: {found}
        </li>
      ))}
    </ul>
  </div>
);
