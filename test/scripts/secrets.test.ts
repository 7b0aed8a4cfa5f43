import { describe, expect, it } from "vitest";
import { missingSecrets } from "../../scripts/deploy/secrets.ts";

const list = (...names: string[]): string =>
  JSON.stringify(names.map((name) => ({ name, type: "secret_text" })));

describe("What is missing for a deployment", () => {
  it.each([
    [list("CURFEW_TOKEN", "CURFEW_SECRET", "CURFEW_URL"), []],
    [list("CURFEW_TOKEN"), ["CURFEW_SECRET"]],
    [list("curfew_token", "CURFEW_SECRET"), ["CURFEW_TOKEN"]],
    [list(), ["CURFEW_TOKEN", "CURFEW_SECRET"]],
  ])("of %s is %j", (printed, missing) => {
    expect(missingSecrets(printed)).toEqual(missing);
  });

  it("is not guessed", () => {
    expect(() => missingSecrets("Successfully signed in.")).toThrow("printed no list");
  });
});
