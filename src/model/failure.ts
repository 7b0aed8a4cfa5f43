import { responseHeaders } from "./headers.ts";
import { openAiError } from "./openai-error.ts";

/** How much of the service's words about a failure is passed on. */
const MAX_BYTES = 64 * 1024;

/** The text of the answer, as far as it comes. */
const readSome = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      text += decoder.decode(chunk, { stream: true });
      if (bytes >= MAX_BYTES) break;
    }
  } catch {
    // Broken off: the status and what came of the text are the answer.
  }
  return text.slice(0, MAX_BYTES);
};

/** What we say ourselves, instead of the service's words. */
const ourWords = (status: number): Response | null => {
  if (status >= 300 && status < 400) {
    const detail = "The model service redirects, which is not followed. Check its base URL.";
    return openAiError(404, "upstream", detail);
  }
  if (status === 401 || status === 403) {
    return openAiError(status, "upstream", `The model service refused the town's key (${status}).`);
  }
  return null;
};

/**
 * What the agent hears of an answer that is no success. Authentication at the service is ours, so what
 * it says about that is not passed on; and some services repeat the key, so it is cut out of the rest.
 */
export const failureResponse = async (response: Response, key: string | null): Promise<Response> => {
  const { status, headers } = response;
  const ours = ourWords(status);
  if (ours) {
    // Nobody reads the rest; that it may be broken already is no matter.
    response.body?.cancel().catch(() => {});
    return ours;
  }
  const text = await readSome(response);
  return new Response(key ? text.replaceAll(key, "[key]") : text, {
    status,
    headers: responseHeaders(headers),
  });
};
