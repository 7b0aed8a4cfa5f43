import { test } from "vitest";
import { leftAlone } from "./scenarios.ts";

test("left alone", async () => {
  const days = await leftAlone(3);
  for (const d of days) console.log(JSON.stringify(d));
});
