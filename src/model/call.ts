import { problem } from "../protocol/problem.ts";
import type { Admission } from "../rooms/town.ts";
import type { Account } from "./account.ts";
import { type ChatRequest, outgoingBody } from "./chat-request.ts";
import { failureResponse } from "./failure.ts";
import { requestHeaders, responseHeaders } from "./headers.ts";
import { meteredStream } from "./metered-stream.ts";
import { meterFor } from "./meter.ts";
import { openAiProblem } from "./openai-error.ts";

/** One admitted call on its way to the service. */
interface ModelCall {
  readonly admission: Admission;
  readonly request: ChatRequest;
  /** The client's; an allow-list decides what of them goes out. */
  readonly headers: Headers;
  /** Aborts when the client goes away before it has an answer. */
  readonly signal: AbortSignal;
  readonly account: Account;
}

/** Calls the service and passes its answer on; the account is settled whatever happens. */
export const carryOut = async (call: ModelCall, fetch: typeof globalThis.fetch): Promise<Response> => {
  const { admission, account } = call;
  const cut = new AbortController();
  let response: Response;
  try {
    response = await fetch(`${admission.baseUrl.replace(/\/+$/, "")}/chat/completions`, {
      method: "POST",
      headers: requestHeaders(call.headers, admission.key),
      body: outgoingBody(call.request, admission.model),
      // Followed, a redirect would take the key to another host.
      redirect: "manual",
      signal: AbortSignal.any([cut.signal, call.signal]),
    });
  } catch {
    // What the exception says may hold the URL, or more.
    await account.settle(0);
    return openAiProblem(problem("upstream", "The model service could not be reached."));
  }
  const { status, body } = response;
  if (!response.ok) {
    await account.settle(status);
    return failureResponse(response, admission.key);
  }
  const meter = meterFor(response.headers.get("content-type"));
  const end = () => account.settle(status, meter.read());
  if (body === null) await end();
  return new Response(body && meteredStream(body, meter, () => cut.abort(), end), {
    status,
    headers: responseHeaders(response.headers),
  });
};
