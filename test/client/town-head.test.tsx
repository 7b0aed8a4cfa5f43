import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Router } from "wouter";
import type { Link } from "../../client/state/link.ts";
import type { TownView } from "../../client/state/reduce-town.ts";
import { TownHead } from "../../client/views/town/town-head.tsx";
import { town } from "./town-world.ts";

const view: TownView = {
  seq: 1,
  begun: 1,
  town: town(1),
  rigs: [],
  beads: [],
  agents: [],
  activity: [],
};

const shown = (link: Link, mayor: Link | null): string =>
  renderToStaticMarkup(
    <Router ssrPath="/">
      <TownHead view={view} link={link} mayor={mayor} />
    </Router>,
  ).replace(/<[^>]+>/g, " ");

describe("the head of a town's page", () => {
  it("says whether the town is awake while the town's socket is live, whatever its mayor's does", () => {
    for (const mayor of [null, { kind: "connecting" }, { kind: "stale", since: 0 }] satisfies (Link | null)[])
      expect(shown({ kind: "live" }, mayor)).toContain("asleep");
  });

  it("does not say it while the town's socket is away", () => {
    const text = shown({ kind: "stale", since: 0 }, { kind: "live" });
    expect(text).not.toContain("asleep");
    expect(text).toContain("Stale since");
  });

  it("says how fresh the less fresh of both is", () => {
    expect(shown({ kind: "live" }, { kind: "connecting" })).toContain("Connecting…");
  });
});
