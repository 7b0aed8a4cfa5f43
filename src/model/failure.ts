import { responseHeaders } from "./headers.ts";
import { openAiError } from "./openai-error.ts";

/** How much of the service's words about a failure is passed on, in characters. */
const MAX_CHARS = 64 * 1024;

/** The text of the answer as far as it came, and whether that is all. */
const readSome = async (response: Response): Promise<{ text: string; whole: boolean }> => {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > MAX_CHARS) return { text, whole: false };
    }
    return { text, whole: true };
  } catch {
    // Broken off: the status and what came of the text are the answer.
    return { text, whole: false };
  }
};

/** `text` without the key; where the text broke off, also without what may be half of one. */
const withoutKey = (text: string, whole: boolean, key: string | null): string => {
  if (!key) return text;
  const clean = text.replaceAll(key, "[key]");
  return whole ? clean : clean.slice(0, -key.length);
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
  const { text, whole } = await readSome(response);
  return new Response(withoutKey(text, whole, key).slice(0, MAX_CHARS), {
    status,
    headers: responseHeaders(headers),
  });
};
