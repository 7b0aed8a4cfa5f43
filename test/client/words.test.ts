import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { about, count, durationText, plain } from "../../client/words.ts";
import { parseDuration } from "../../src/protocol/duration.ts";

describe("words", () => {
  it("write a duration as the settings read it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 * 86_400_000 }), (ms) => {
        expect(parseDuration(durationText(ms))).toBe(ms);
      }),
    );
    expect(durationText(1_800_000)).toBe("30m");
    expect(durationText(90_000)).toBe("90s");
  });

  it("say about how long in one unit", () => {
    expect([0, 999, 12_000, 540_000, 7_200_000].map(about)).toEqual(["0 s", "1 s", "12 s", "9 min", "2 h"]);
  });

  it("count with the right form", () => {
    expect([count(1, "bead"), count(2, "bead"), count(0, "bead")]).toEqual(["1 bead", "2 beads", "0 beads"]);
  });

  it("take a terminal's colours and titles out of output", () => {
    expect(plain("\u001b[1;31mred\u001b[0m \u001b]0;title\u0007plain")).toBe("red plain");
  });
});
