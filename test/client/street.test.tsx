import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { Router } from "wouter";
import { createRoom } from "../../client/state/room.ts";
import { userRoom } from "../../client/state/rooms.ts";
import { Street } from "../../client/views/street/street.tsx";
import type { TownSummary } from "../../src/protocol/town.ts";
import { fakePage } from "./fake-page.ts";
import { town } from "./town-world.ts";

const shown = (state: TownSummary["state"]): string => {
  const { id, name, foundedAt } = town(1);
  const user = createRoom(userRoom("owner"), fakePage("http://localhost"));
  const towns: TownSummary[] = [
    { id, name, foundedAt, state, container: "awake", working: 2, needsYou: true, seq: 1 },
  ];
  user.store.setState({ data: { seq: 1, towns, earlier: null }, link: { kind: "live" } });
  // What is rendered without a browser is the state at first.
  const store = { ...user.store, getInitialState: user.store.getState };
  return renderToStaticMarkup(
    <Router ssrPath="/">
      <Street user={{ ...user, store }} />
    </Router>,
  ).replace(/<[^>]+>/g, " ");
};

it("says of a town that stands who works there and whether it waits for a person", () => {
  expect(shown("open")).toMatch(/awake.*2 at work.*needs you/i);
});

it("says of a town that is being taken down just that", () => {
  expect(shown("closing")).toContain("being taken down");
  expect(shown("closing")).not.toMatch(/awake|at work|needs you/i);
});
