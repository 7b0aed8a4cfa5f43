import * as v from "valibot";

/** Why a turn can't come to a good end; `again`: whether trying again by itself makes sense. */
export class AgentFailure extends Error {
  readonly again: boolean;
  constructor(reason: string, again: boolean) {
    super(reason);
    this.name = "AgentFailure";
    this.again = again;
  }
}

/**
 * ACP has no stop reason for "the work failed". Our script runtime answers `refusal` and says in
 * `_meta` why; of other agents, a refusal's reason is what they said last.
 */
export const FailureMeta = v.object({
  curfew: v.object({ failure: v.object({ reason: v.string(), again: v.boolean() }) }),
});
export type FailureMeta = v.InferOutput<typeof FailureMeta>;
