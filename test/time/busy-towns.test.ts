import { test } from "vitest";
import { runSchedules } from "./commands/run.ts";

test("whatever is asked of a town at work in any order, what is gone is gone, what lives rests, and nothing else runs (R1–R21, C1–C10, W1, M1)", () =>
  runSchedules(["a town at work", "a town that will be slow to end"], 0.4));
