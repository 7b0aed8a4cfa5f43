import type { McpServer } from "@modelcontextprotocol/server";
import type * as v from "valibot";
import type { Answer } from "../protocol/problem.ts";
import { type Arguments, argumentsSchema } from "./arguments-schema.ts";

/** What a tool answers: a JSON object. */
export type Result = Readonly<Record<string, unknown>>;

/** What a tool does to the world, for clients that ask before they call. */
const HINTS = {
  reads: { readOnlyHint: true, openWorldHint: false },
  adds: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
  ends: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
} as const;

/** How a tool is presented. The description is its caller's manual. */
export interface ToolText {
  readonly name: string;
  readonly effect: keyof typeof HINTS;
  readonly description: string;
}

/** A tool with the schema of each of its arguments. */
export interface Tool<Entries extends v.ObjectEntries> extends ToolText {
  readonly entries: Entries;
  readonly run: (args: Arguments<Entries>) => Promise<Answer<Result>>;
}

const failed = (text: string) => ({ content: [{ type: "text" as const, text }], isError: true });

/** Offers a tool. Refusals are tool errors, so that a model reads them; a throw tells only that. */
export const offer = <const Entries extends v.ObjectEntries>(
  server: McpServer,
  tool: Tool<Entries>,
): void => {
  const { name, description, effect } = tool;
  const inputSchema = argumentsSchema(tool.entries);
  server.registerTool(name, { description, inputSchema, annotations: HINTS[effect] }, async (args) => {
    try {
      const answer = await tool.run(args);
      if (!answer.ok) return failed(answer.problem.detail);
      const text = JSON.stringify(answer.value);
      return { content: [{ type: "text" as const, text }], structuredContent: { ...answer.value } };
    } catch (error) {
      console.error(`The tool ${name} failed:`, error);
      return failed("The town did not answer. Try again.");
    }
  });
};

/** The answer with its value put into a JSON object. */
export const answerWith = <T>(answer: Answer<T>, into: (value: T) => Result): Answer<Result> =>
  answer.ok ? { ok: true, value: into(answer.value) } : answer;
