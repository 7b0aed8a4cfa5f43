import { describe, expect, it } from "vitest";
import { matches } from "../../scripts/installed.mjs";

const wanted = {
  packages: {
    "": { version: "0.1.0" },
    "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
    "node_modules/a-for-windows": { version: "1.0.0", integrity: "sha512-w", optional: true },
  },
};
const present = { packages: { "node_modules/a": { version: "1.0.0", integrity: "sha512-a" } } };

describe("What is installed is what is locked", () => {
  it("with only packages for other platforms missing", () => {
    expect(matches(wanted, present)).toBe(true);
  });

  it.each([
    ["a package is missing", { packages: {} }],
    [
      "one has another version",
      { packages: { "node_modules/a": { version: "1.0.1", integrity: "sha512-a" } } },
    ],
    [
      "one has other content",
      { packages: { "node_modules/a": { version: "1.0.0", integrity: "sha512-b" } } },
    ],
    [
      "one is there that is not locked",
      { packages: { ...present.packages, "node_modules/b": { version: "1.0.0" } } },
    ],
  ])("not if %s", (_, other) => {
    expect(matches(wanted, other)).toBe(false);
  });
});
