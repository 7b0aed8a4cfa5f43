import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import * as v from "valibot";

/** What the model answers: a text, or the call of a tool. */
export type Reply =
  | { readonly text: string }
  | { readonly tool: string; readonly args: Readonly<Record<string, unknown>> };

const Request = v.object({
  model: v.string(),
  messages: v.array(v.looseObject({ role: v.string() })),
  tools: v.optional(v.array(v.object({ function: v.object({ name: v.string() }) })), []),
});

interface Asked {
  readonly authorization: string | undefined;
  readonly model: string;
  readonly tools: readonly string[];
  readonly messages: readonly Record<string, unknown>[];
}

const chunk = (delta: Record<string, unknown>, finish: string | null) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 0,
  model: "scripted",
  choices: [{ index: 0, delta, finish_reason: finish }],
});

const chunksOf = (reply: Reply, call: number): unknown[] => {
  if ("text" in reply) {
    const words = reply.text.match(/\s*\S+/g) ?? [];
    return [...words.map((content) => chunk({ role: "assistant", content }, null)), chunk({}, "stop")];
  }
  const called = { name: reply.tool, arguments: JSON.stringify(reply.args) };
  const calls = [{ index: 0, id: `call_${call}`, type: "function", function: called }];
  return [chunk({ role: "assistant", tool_calls: calls }, null), chunk({}, "tool_calls")];
};

/** An OpenAI-compatible service whose answers are written down beforehand. */
export class ScriptedModel {
  /** Every request but those for a title. */
  readonly asked: Asked[] = [];
  readonly #replies: Reply[];

  constructor(replies: readonly Reply[]) {
    this.#replies = [...replies];
  }

  /** Serves `/model/openai/v1` like the Worker's proxy. */
  app(): Hono {
    const app = new Hono();
    app.post("/model/openai/v1/chat/completions", async (c) => {
      const { model, messages, tools } = v.parse(Request, await c.req.json());
      // opencode asks once more for a title, without tools.
      const isTitle = tools.length === 0;
      const authorization = c.req.header("authorization");
      const names = tools.map((tool) => tool.function.name);
      if (!isTitle) this.asked.push({ authorization, model, messages, tools: names });
      const reply = isTitle
        ? { text: "A title" }
        : (this.#replies.shift() ?? { text: "I have nothing more to say." });
      return streamSSE(c, async (stream) => {
        for (const data of chunksOf(reply, this.asked.length)) {
          await stream.writeSSE({ data: JSON.stringify(data) });
        }
        await stream.writeSSE({ data: "[DONE]" });
      });
    });
    return app;
  }
}
