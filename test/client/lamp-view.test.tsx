import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Router } from "wouter";
import { LampView } from "../../client/views/lamp/lamp-view.tsx";
import { timeOf } from "../../client/words.ts";
import type { ContainerView, Wake } from "../../src/protocol/town.ts";
import { town } from "./town-world.ts";

const MINUTE_MS = 60_000;

const shown = (container: Partial<ContainerView>, wake: Wake | null): string => {
  const plain = town(1);
  const text = renderToStaticMarkup(
    <Router ssrPath="/">
      <LampView town={{ ...plain, container: { ...plain.container, ...container }, wake }} />
    </Router>,
  );
  return text.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
};

describe("what the page says of a town's container", () => {
  it("that sleeps: that it costs nothing, and that no alarm is set", () => {
    const text = shown({ state: "asleep", why: "Nothing was left to do." }, null);
    expect(text).toContain("Nothing was left to do.");
    expect(text).toContain("It costs nothing until somebody needs it.");
    expect(text).toContain("No alarm is set.");
  });

  it("that waits: why it is awake, until when, and what the next alarm is for", () => {
    const sleepsAt = Date.now() + 10 * MINUTE_MS + 500;
    const why = "Awake, with nothing to do.";
    const text = shown(
      { state: "awake", why, sleepsAt },
      { at: sleepsAt, why: "the container goes to sleep" },
    );
    expect(text).toContain(why);
    expect(text).toContain(`It sleeps at ${timeOf(sleepsAt)}, in 10 min, if nothing more happens.`);
    expect(text).toContain(`The next alarm is at ${timeOf(sleepsAt)}: the container goes to sleep`);
  });

  it("that works: that it stays awake, and what looks after it", () => {
    const at = Date.now() + MINUTE_MS;
    const text = shown(
      { state: "awake", why: "Awake because one agent is at work." },
      { at, why: "a lease is due" },
    );
    expect(text).toContain("It stays awake for as long as this takes.");
    expect(text).toContain(`The next alarm is at ${timeOf(at)}: a lease is due`);
  });

  it("that is being stopped: that it is, and when it is killed", () => {
    const at = Date.now() + MINUTE_MS;
    const why = "a container that is stopping is killed";
    const text = shown({ state: "stopping", why: "Nothing was left to do." }, { at, why });
    expect(text).toContain("It is being stopped.");
    expect(text).not.toContain("stays awake");
    expect(text).toContain(`The next alarm is at ${timeOf(at)}: ${why}`);
  });

  it("what touched it, the last first", () => {
    const touches = [
      { reason: "check", count: 1, lastAt: 1000 },
      { reason: "message", count: 3, lastAt: 2000 },
    ];
    expect(shown({ state: "asleep", touches }, null)).toMatch(/message 3 .* check 1 /);
  });
});
