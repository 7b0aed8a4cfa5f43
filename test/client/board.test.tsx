import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Router } from "wouter";
import { Board } from "../../client/views/board/board.tsx";
import { reduceTown, type TownView } from "../../client/state/reduce-town.ts";
import { createRoom } from "../../client/state/room.ts";
import { townRoom } from "../../client/state/rooms.ts";
import type { BeadSummary } from "../../src/protocol/bead.ts";
import type { Town } from "../../src/protocol/town.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import { fakePage } from "./fake-page.ts";
import { bead, rig, town } from "./town-world.ts";

const shown = (counts: Partial<Town["beads"]>, beads: BeadSummary[]): string => {
  const plain = town(9);
  const view = reduceTown(null, {
    type: "snapshot",
    version: PROTOCOL_VERSION,
    seq: 9,
    since: null,
    town: { ...plain, beads: { ...plain.beads, ...counts } },
    rigs: [rig(1, "website")],
    beads,
    agents: [],
    activity: [],
  }) as TownView;
  const text = renderToStaticMarkup(
    <Router ssrPath="/">
      <Board view={view} room={createRoom(townRoom("t"), fakePage("http://localhost"))} local />
    </Router>,
  );
  return text.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
};

describe("a town's board, which has a part of its beads", () => {
  it("offers those of a status of which it has none yet", () => {
    expect(shown({ open: 1490, closed: 1 }, [bead(1, "b1", { status: "closed" })])).toContain(
      "Open 1490 Show more beads 1490 left",
    );
  });

  it("offers older ones above those that stand oldest first, and below those that are over", () => {
    const text = shown({ open: 2, closed: 2 }, [bead(1, "b3"), bead(2, "b4", { status: "closed" })]);
    expect(text).toMatch(/Open 2 Show more beads 1 left b3 b3 .* Closed 2 b4 b4 .* Show more beads 1 left/);
  });

  it("has no place for a status that no bead has", () => {
    expect(shown({ open: 1 }, [bead(1, "b1")])).not.toMatch(/Closed|In review|Show more/);
  });
});
