import { test } from "vitest";
import { runSchedules } from "./commands/run.ts";

test("whatever is asked of towns that sleep, wake or never were, what is gone is gone, what lives rests, and nothing else runs (R1–R21, C1–C10, W1, M1)", () =>
  runSchedules(["a town that wakes", "a town that woke twice", "an idle town", "nothing"], 0.6));
