import { existsSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import type { Receipt } from "../../src/protocol/receipt.ts";
import type { Town } from "../../src/protocol/town.ts";
import { openBrowser, type OpenBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { openPage, printedAddress } from "../support/page.ts";
import { foundTown } from "../support/town.ts";
import { doomedTown, expectGone, gone } from "./doomed.ts";
import { type Instance, startInstance } from "./instance.ts";

let instance: Instance;
let browser: OpenBrowser;

beforeAll(async () => {
  [instance, browser] = await Promise.all([startInstance(), openBrowser()]);
});

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await instance?.[Symbol.asyncDispose]();
});

const TEN_MINUTES_MS = 600_000;

/** The connections that a tab makes to a town and its mayor, and a way to break those that it has. */
interface Tab {
  readonly page: Page;
  readonly connections: readonly string[];
  /** As a router that forgets its connections does: no code says that the room is gone. */
  breakAll(): Promise<void>;
}

const openTab = async (page: Page, url: string, town: string): Promise<Tab> => {
  const connections: string[] = [];
  const open = new Set<{ close(options: { code: number }): Promise<void> }>();
  await page.clock.install();
  await page.routeWebSocket(new RegExp(town), (socket) => {
    connections.push(new URL(socket.url()).pathname);
    socket.connectToServer();
    open.add(socket);
  });
  await page.goto(`${url}/towns/${town}`);
  await page.getByRole("status", { name: "Connection" }).getByText("Live", { exact: true }).waitFor();
  return {
    page,
    connections,
    breakAll: async () => {
      for (const socket of open) await socket.close({ code: CloseCode.tryAgain });
      open.clear();
    },
  };
};

describe("a deletion", () => {
  // Both mostly wait, and neither is in the other's way.
  it.concurrent("waits for an engine that hangs, says so, and ends once it goes on", async () => {
    const { curfew } = instance;
    using stack = new DisposableStack();
    const doomed = await doomedTown(curfew, stack);
    const { id } = doomed.town;
    const engine = curfew.script.pid ?? 0;
    process.kill(engine, "SIGSTOP");
    try {
      await doomed.town.call("DELETE", "");
      const waiting = await eventually(
        "what the end waits for",
        async () => (await curfew.api<Town>("GET", `/api/towns/${id}`)).body,
        ({ container }) => container.why.startsWith("Closing; waits for container: took longer than"),
        60_000,
      );
      expect(waiting).toMatchObject({ state: "closing" });
      const { body } = await curfew.api<Receipt>("GET", `/api/towns/${id}/receipt`);
      expect(Object.fromEntries(body.finalizers.map((step) => [step.name, step]))).toMatchObject({
        sockets: { state: "done" },
        container: { state: "due", attempts: 1 },
        children: { state: "done", detail: "3 agents" },
        self: { state: "due", attempts: 0 },
      });
      expect(existsSync(doomed.container.folder)).toBe(true);
    } finally {
      process.kill(engine, "SIGCONT");
    }
    await gone(curfew, doomed);
    await expectGone(curfew, doomed);
  });

  it.concurrent("is final for tabs: an open one connects no more, one that was cut off asks once", async () => {
    const { curfew } = instance;
    using town = await foundTown(curfew, "Ash");
    const context = await browser.newContext();
    const { page } = await openPage(context);
    await page.goto(printedAddress(curfew.printed));
    const open = await openTab((await openPage(context)).page, curfew.url, town.id);
    const cut = await openTab((await openPage(context)).page, curfew.url, town.id);
    const rooms = [`/parties/agent/${town.id}.mayor`, `/parties/town/${town.id}`];
    for (const { connections } of [open, cut]) {
      await eventually(
        "both rooms",
        () => connections.length,
        (count) => count === 2,
      );
      expect(connections.toSorted()).toEqual(rooms);
    }
    await cut.page.clock.pauseAt(Date.now() + 60_000);
    await cut.breakAll();

    await page.goto(`${curfew.url}/towns/${town.id}/settings`);
    await page.getByRole("button", { name: "Delete this town" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete this town" });
    await dialog.getByRole("textbox").fill("Ash");
    await dialog.getByRole("button", { name: "Delete for ever" }).click();
    await page.getByText(/^Gone since /).waitFor();

    await cut.page.clock.resume();
    for (const tab of [open, cut]) {
      await tab.page.getByRole("heading", { name: "receipt" }).waitFor();
      await tab.page.clock.runFor(TEN_MINUTES_MS);
      await tab.page.getByRole("heading", { name: "receipt" }).waitFor();
    }
    expect(open.connections).toHaveLength(2);
    expect(cut.connections.length).toBeGreaterThan(2);
    for (const room of rooms)
      expect(cut.connections.filter((path) => path === room).length, room).toBeLessThanOrEqual(2);
    await context.close();
  });
});
