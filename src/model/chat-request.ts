import * as v from "valibot";
import { explain } from "../protocol/parse.ts";
import { Refusal } from "../protocol/problem.ts";

/** A chat completion request, as far as the proxy must know it; the rest is between agent and service. */
const ChatRequest = v.looseObject({
  messages: v.array(v.unknown()),
  stream: v.nullish(v.boolean()),
  stream_options: v.nullish(v.looseObject({})),
});
export type ChatRequest = v.InferOutput<typeof ChatRequest>;

/** @throws Refusal of kind `bad-request` */
export const parseChatRequest = (text: string): ChatRequest => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Refusal("bad-request", "The body is not JSON.");
  }
  const parsed = v.safeParse(ChatRequest, json);
  if (!parsed.success) throw new Refusal("bad-request", explain(parsed.issues));
  return parsed.output;
};

/** The body that goes out: the town's model, whatever was asked for, and usage also of a stream. */
export const outgoingBody = (request: ChatRequest, model: string): string =>
  JSON.stringify({
    ...request,
    model,
    ...(request.stream === true && { stream_options: { ...request.stream_options, include_usage: true } }),
  });
