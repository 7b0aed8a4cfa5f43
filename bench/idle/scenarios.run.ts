import { test } from "vitest";
import { leftAlone, watched, used } from "./scenarios.ts";
for (const [n, f] of Object.entries({ leftAlone, watched, used }))
test(n, async () => {
  const days = await f(30);
  for (const d of [days[0], days[1], days[29]]) console.log(JSON.stringify(d));
});
