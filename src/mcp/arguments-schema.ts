import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { type ConversionConfig, toJsonSchema, toStandardJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";

/** The arguments of a tool as its `run` gets them. */
export type Arguments<Entries extends v.ObjectEntries> = v.InferOutput<
  v.StrictObjectSchema<Entries, undefined>
>;

/**
 * Checks that are not told to callers: JSON Schema has no word for most of them, and some models'
 * services refuse tools with elaborate patterns. A wrong argument is answered with what is wrong.
 */
const UNTOLD: ConversionConfig["ignoreActions"] = ["trim", "transform", "check", "regex", "url"];

/** The schema of a tool's arguments in the two forms that MCP wants: one checks, one tells. */
export const argumentsSchema = <const Entries extends v.ObjectEntries>(
  entries: Entries,
): StandardSchemaWithJSON<unknown, Arguments<Entries>> => {
  const schema = v.strictObject(entries);
  const standard = toStandardJsonSchema(schema)["~standard"];
  const tell = (): Record<string, unknown> => ({
    ...toJsonSchema(schema, { typeMode: "input", target: "draft-2020-12", ignoreActions: UNTOLD }),
  });
  return { "~standard": { ...standard, jsonSchema: { input: tell, output: tell } } };
};
