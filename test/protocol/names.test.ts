import * as v from "valibot";
import { expect, test } from "vitest";
import { TownName } from "../../src/protocol/settings.ts";

test.each(["Elm", "Größe · 東京", "שלום", "👩‍👩‍👧 family", "Ω≠∅", "…", "a\u200bb"])(
  "a town may be called %s",
  (name) => {
    expect(v.parse(TownName, ` ${name} `)).toBe(name);
  },
);
