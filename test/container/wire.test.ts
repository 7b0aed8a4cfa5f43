import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { promptBlocks } from "../../container/agents/prompt.ts";
import { turnOrder } from "./support/orders.ts";
import { scratch } from "./support/scratch.ts";
import { started } from "./support/started.ts";
import { until } from "./support/until.ts";

const RECORDER = fileURLToPath(new URL("fixture/recorder.ts", import.meta.url));
const CONTAINER_KEY = "container-key-0123456789";

interface Message {
  readonly id?: unknown;
  readonly method?: string;
}

/** Every place in a JSON value that holds something, as `a.b[].c`. */
const places = (value: unknown, at = ""): string[] => {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => places(item, `${at}[]`)))];
  if (value === null || typeof value !== "object") return [at];
  return Object.entries(value).flatMap(([key, inner]) => places(inner, at === "" ? key : `${at}.${key}`));
};

/**
 * What the Agent Client Protocol asks for, and nothing else, goes to an agent: its whole options were once
 * spread into `session/new`, and with them the container's own token.
 */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  initialize: [
    "params.protocolVersion",
    "params.clientCapabilities.fs.readTextFile",
    "params.clientCapabilities.fs.writeTextFile",
    "params.clientCapabilities.terminal",
    "params.clientInfo.name",
    "params.clientInfo.version",
  ],
  "session/new": [
    "params.cwd",
    "params.mcpServers[].type",
    "params.mcpServers[].name",
    "params.mcpServers[].url",
    "params.mcpServers[].headers[].name",
    "params.mcpServers[].headers[].value",
  ],
  "session/prompt": [
    "params.sessionId",
    "params.prompt[].type",
    "params.prompt[].text",
    "params.prompt[]._meta.curfew.run",
    "params.prompt[]._meta.curfew.message",
  ],
  "session/cancel": ["params.sessionId"],
  "the answer to a question": ["result.outcome.outcome", "result.outcome.optionId"],
};

test("an agent is written nothing but what its protocol asks for", async () => {
  const folder = await scratch();
  const record = join(folder, "record");
  const order = turnOrder({
    runtime: { kind: "command", command: [process.execPath, RECORDER, record], model: "m" },
    token: "agent-key",
    history: [{ from: "user", text: "Before" }],
  });
  const ground = { folder, url: "http://127.0.0.1:9", secrets: [CONTAINER_KEY] };
  const agent = await started(order, ground);
  const cancel = new AbortController();
  const over = agent.prompt(promptBlocks(order, true), () => {}, cancel.signal);
  const read = async (): Promise<Message[]> =>
    (await readFile(record, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Message);
  await until(async () => (await read()).some((message) => message.id === "may-i"));
  cancel.abort();
  await over;

  const messages = await read();
  const sent = messages.map(({ method }) => method ?? "the answer to a question");
  expect(sent).toEqual(Object.keys(EXPECTED).toSorted((a, b) => sent.indexOf(a) - sent.indexOf(b)));
  for (const message of messages) {
    const { method = "the answer to a question" } = message;
    const envelope = new Set(["jsonrpc", "id", "method"]);
    const found = places(message).filter((place) => !envelope.has(place));
    expect(found.toSorted(), method).toEqual([...(EXPECTED[method] ?? [])].toSorted());
  }
  expect(await readFile(record, "utf8")).not.toContain(CONTAINER_KEY);
});
