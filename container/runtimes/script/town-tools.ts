import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import * as v from "valibot";

/** Where the town's MCP server is, as `session/new` names it. */
export interface ServerAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A tool that said no; its message is for the person. */
export class ToolRefusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ToolRefusal";
  }
}

const Result = v.object({
  isError: v.optional(v.boolean(), false),
  content: v.array(v.object({ type: v.string(), text: v.optional(v.string(), "") })),
});

/** The tools of the town that the agent belongs to. */
export class TownTools {
  readonly #address: ServerAddress | null;

  /** @param address `null`: the client gave none, so every call is refused */
  constructor(address: ServerAddress | null) {
    this.#address = address;
  }

  /**
   * Calls a tool and reads its answer, a JSON text.
   *
   * @throws ToolRefusal if the tool says no; another error if the town can't be reached
   */
  async call<const S extends v.GenericSchema>(
    name: string,
    args: Record<string, unknown>,
    schema: S,
    signal: AbortSignal,
  ): Promise<v.InferOutput<S>> {
    if (!this.#address) throw new ToolRefusal("I was started without the town's tools.");
    const { url, headers } = this.#address;
    const client = new Client({ name: "curfew-script", version: "1" });
    try {
      await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }), {
        signal,
      });
      const result = v.parse(Result, await client.callTool({ name, arguments: args }, { signal }));
      const text = result.content.map((part) => part.text).join("");
      if (result.isError) throw new ToolRefusal(text);
      return v.parse(schema, JSON.parse(text));
    } finally {
      await client.close();
    }
  }
}
