import { expect, it } from "vitest";
import { openAccount } from "../../src/model/account.ts";
import { carryOut } from "../../src/model/call.ts";
import type { Settlement } from "../../src/rooms/town.ts";
import { event, startProvider, usageOf } from "./provider.ts";

// Not every runtime aborts a request's signal when its client goes away; all cancel the answer's body.
it("an answer whose body is cancelled is cut at the service, and settled with what was seen", async () => {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  await using provider = await startProvider((_, response) => {
    response.once("close", close);
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(event({ choices: [], ...usageOf(5, 1) }));
  });
  const settled: Settlement[] = [];
  const account = openAccount("c1", async (settlement) => void settled.push(settlement));
  const call = {
    admission: { call: "c1", baseUrl: provider.baseUrl, model: "m", key: null },
    request: { messages: [], stream: true },
    headers: new Headers(),
    signal: new AbortController().signal,
    account,
  };
  const response = await carryOut(call, fetch);
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  await closed;
  await account.settled;
  expect(settled).toEqual([{ call: "c1", status: 200, inputTokens: 5, outputTokens: 1 }]);
});
