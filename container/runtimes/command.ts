import { AgentFailure } from "../agents/failure.ts";
import type { Launch } from "../agents/launch.ts";
import type { LaunchContext } from "./launch-context.ts";
import { openAiUrl } from "./model-proxy.ts";

/** Any other agent that speaks ACP; the model proxy is told in the variables that most of them know. */
export const command = (
  words: readonly string[],
  model: string | null,
  { env, token, url }: LaunchContext,
): Launch => {
  const [program, ...args] = words;
  if (program === undefined) throw new AgentFailure("The town's runtime is an empty command.", false);
  const named: Record<string, string> = model === null ? {} : { OPENAI_MODEL: model };
  return {
    command: program,
    args,
    env: { ...env, OPENAI_BASE_URL: openAiUrl(url), OPENAI_API_KEY: token, ...named },
  };
};
