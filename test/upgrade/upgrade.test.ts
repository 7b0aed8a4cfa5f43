import { describe, it } from "vitest";
import { GOING_ON } from "./going-on.ts";
import { openOld } from "./open-old.ts";
import { ARCHIVES, unpack } from "./unpack.ts";

// State folders that an older version wrote (test/upgrade/state/README.md), opened by this one.

describe("a state folder of the version before migrations", () => {
  it.each(ARCHIVES)("%s: everything is there, and what was going on goes on", async (name) => {
    using old = unpack(name);
    await using curfew = await openOld(old);
    await curfew.start();
    await GOING_ON[name](old, curfew);
  });
});
