import type { Entry } from "../../src/protocol/entry.ts";
import { count, plain } from "../words.ts";

type Tool = Entry & { kind: "tool" };
type Thought = Entry & { kind: "thought" };
export type Step = Tool | Thought;

const STATUS_WORDS: Record<Tool["status"], string> = {
  pending: "waits",
  in_progress: "running",
  completed: "done",
  failed: "failed",
};

const isUnderWay = (step: Step): boolean =>
  step.kind === "tool" && (step.status === "pending" || step.status === "in_progress");

const ToolStep = ({ tool }: { readonly tool: Tool }) => (
  <details className={`step ${tool.status}`}>
    <summary>
      <span className="title">{tool.title}</span>
      <span className="status">{STATUS_WORDS[tool.status]}</span>
    </summary>
    {tool.input && <pre tabIndex={0}>{plain(tool.input)}</pre>}
    {tool.output ? <pre tabIndex={0}>{plain(tool.output)}</pre> : <p className="hint">No output.</p>}
  </details>
);

const ThoughtStep = ({ thought }: { readonly thought: Thought }) => (
  <details className="step">
    <summary>
      <span className="title">Thought</span>
    </summary>
    <p className="thought">{thought.text}</p>
  </details>
);

const StepRow = ({ step }: { readonly step: Step }) =>
  step.kind === "tool" ? <ToolStep tool={step} /> : <ThoughtStep thought={step} />;

const FOLD_FROM = 3;

/** Tool calls and thoughts in a row: those that are over fold into one line, those under way stand open. */
export const Steps = ({ steps }: { readonly steps: readonly Step[] }) => {
  const over = steps.filter((step) => !isUnderWay(step));
  const failed = over.filter((step) => step.kind === "tool" && step.status === "failed").length;
  const rows = over.map((step) => <StepRow key={step.id} step={step} />);
  return (
    <div className="steps">
      {over.length < FOLD_FROM ? (
        rows
      ) : (
        <details className="fold">
          <summary>
            {count(over.length, "step")}
            {failed > 0 && `, ${failed} failed`}
          </summary>
          {rows}
        </details>
      )}
      {steps.filter(isUnderWay).map((step) => (
        <StepRow key={step.id} step={step} />
      ))}
    </div>
  );
};
