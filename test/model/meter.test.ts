import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonMeter, type Meter, meterFor, streamMeter } from "../../src/model/meter.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const read = (meter: Meter, text: string) => {
  meter.push(bytes(text));
  return meter.read();
};

const usage = (input: number, output: number) =>
  `{"choices":[],"usage":{"prompt_tokens":${input},"completion_tokens":${output},"total_tokens":0}}`;

/**
 * Whatever a service streams, and wherever the network cuts it (in the middle of a character, of a
 * line's end, of an event), the meter tells the last usage that a whole event told, and never throws.
 */
describe("the meter of a stream", () => {
  const count = fc.nat({ max: 1e9 });
  const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
  const event = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("usage" as const), input: count, output: count }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("text" as const), text: fc.string({ unit: "binary" }) }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: "done" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "comment" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "nonsense" as const }) },
  );
  type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

  /** The data of an event may be spread over lines. */
  const lines = (event: Event): string[] => {
    switch (event.kind) {
      case "usage": {
        const [head, tail] = usage(event.input, event.output).split('"usage":') as [string, string];
        return [`data: ${head}`, `data:"usage":${tail}`];
      }
      case "text":
        return [`data: ${JSON.stringify({ choices: [{ delta: { content: event.text } }], usage: null })}`];
      case "done":
        return ["data: [DONE]"];
      case "comment":
        return [": keep-alive", "event: x", "id: 1"];
      case "nonsense":
        return ['data: {"usage": {"prompt_tokens": -1, "completion_tokens": "many"}'];
    }
  };

  it("tells the last usage, wherever the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 12 }),
        lineEnd,
        fc.oneof(fc.array(fc.nat(), { maxLength: 60 }), fc.constant("every byte" as const)),
        fc.boolean(),
        (events, end, places, ended) => {
          const text = events.flatMap((event) => [...lines(event), ""]).map((line) => line + end);
          const all = bytes(text.join("").slice(0, ended ? undefined : -end.length));
          const meter = streamMeter();
          const cuts =
            places === "every byte"
              ? [...all.keys()]
              : places.map((place) => place % (all.length + 1)).toSorted((a, b) => a - b);
          [...cuts, all.length].reduce((from, to) => {
            meter.push(all.subarray(from, to));
            return to;
          }, 0);
          const last = events.findLast((event) => event.kind === "usage");
          expect(meter.read()).toEqual({ inputTokens: last?.input ?? 0, outputTokens: last?.output ?? 0 });
        },
      ),
      { numRuns: 500 },
    );
  });

  it("understands a stream that ends without its last empty line", () => {
    expect(read(streamMeter(), `data: ${usage(7, 8)}`)).toEqual({ inputTokens: 7, outputTokens: 8 });
  });

  it("takes what is not told as nothing", () => {
    const text = 'data: {"usage":{"prompt_tokens":7,"completion_tokens":null}}\n\n';
    expect(read(streamMeter(), text)).toEqual({ inputTokens: 7, outputTokens: 0 });
  });

  it("goes on after an event that is too large to understand", () => {
    const meter = streamMeter();
    meter.push(bytes('data: {"usage":{"prompt_tokens":1},"text":"'));
    for (let i = 0; i < 9; i++) meter.push(new Uint8Array(1024 * 1024).fill(120));
    meter.push(bytes(`"}\n\ndata: ${usage(3, 4)}\n\n`));
    expect(meter.read()).toEqual({ inputTokens: 3, outputTokens: 4 });
  });
});

describe("the meter of a JSON answer", () => {
  it("tells its usage, however it came", () => {
    const meter = jsonMeter();
    for (const byte of bytes(` { "text": "é", "usage": {"prompt_tokens": 5, "completion_tokens": 6} }\n`)) {
      meter.push(Uint8Array.of(byte));
    }
    expect(meter.read()).toEqual({ inputTokens: 5, outputTokens: 6 });
  });

  it.each(["", "{", "[]", '"usage"', '{"usage":null}', '{"usage":{"prompt_tokens":1.5}}'])(
    "tells nothing of %j",
    (text) => {
      expect(read(jsonMeter(), text)).toEqual({ inputTokens: 0, outputTokens: 0 });
    },
  );
});

it("is chosen by the answer's type", () => {
  const text = `data: ${usage(1, 2)}\n\n`;
  expect(read(meterFor("text/event-stream; charset=utf-8"), text).inputTokens).toBe(1);
  expect(read(meterFor("application/json"), usage(1, 2)).inputTokens).toBe(1);
  expect(read(meterFor(null), usage(1, 2)).inputTokens).toBe(1);
});
