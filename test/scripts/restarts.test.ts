import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { restartAfter } from "../../scripts/start/restarts.ts";

describe("A Worker that died", () => {
  it("is started again at once the first time, then later and later, and given up at the sixth death of a minute", () => {
    const deaths = [0, 1000, 2000, 3000, 4000, 5000];
    const waits = deaths.map((_, last) => restartAfter(deaths.slice(0, last + 1)));
    expect(waits).toEqual([0, 250, 500, 1000, 2000, null]);
  });

  it("is never given up if it dies at most five times a minute", () => {
    const gaps = fc.array(fc.integer({ min: 12_000, max: 600_000 }), { minLength: 1 });
    fc.assert(
      fc.property(gaps, (between) => {
        let at = 0;
        const deaths = between.map((gap) => (at += gap));
        expect(restartAfter(deaths)).not.toBeNull();
      }),
    );
  });
});
