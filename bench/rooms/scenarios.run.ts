// Runs inside workerd, by vitest; what was lived through goes to `bench/idle/run.ts` beside each test's result.
import { test } from "vitest";
import { DAYS, RECONNECTS_EVERY_MS, USED_DAYS } from "../idle/schedule.ts";
import { leftAlone, used, watched } from "./scenarios.ts";

test("left alone", async ({ task }) => {
  task.meta.lived = await leftAlone(DAYS);
});

test("watched", async ({ task }) => {
  task.meta.lived = await watched(DAYS, RECONNECTS_EVERY_MS);
});

test("used", async ({ task }) => {
  task.meta.lived = await used(USED_DAYS);
});
