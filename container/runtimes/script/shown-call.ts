import type * as v from "valibot";
import type { Turn } from "./role.ts";

/** Calls one tool for this turn. */
export type Call = <const S extends v.GenericSchema>(
  name: string,
  args: Record<string, unknown>,
  schema: S,
) => Promise<v.InferOutput<S>>;

/** Calls tools so that each call is seen in the agent's transcript. */
export const shownCall = ({ tools, voice, signal }: Turn): Call => {
  let calls = 0;
  return async (name, args, schema) => {
    calls += 1;
    const call = { toolCallId: `${name} ${calls}`, title: name, rawInput: args };
    await voice.tool({ ...call, status: "in_progress" });
    try {
      const answer = await tools.call(name, args, schema, signal);
      await voice.tool({ ...call, status: "completed", rawOutput: answer });
      return answer;
    } catch (error) {
      await voice.tool({ ...call, status: "failed", rawOutput: (error as Error).message });
      throw error;
    }
  };
};
