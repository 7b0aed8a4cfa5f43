import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page, WebSocketRoute } from "playwright-core";
import { ROOT } from "../../scripts/root.ts";
import { cloudObjects } from "../../scripts/sweep/cloud.ts";
import { askAbout } from "../../scripts/sweep/orphans.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import type { OrphanFinding } from "../../src/protocol/orphans.ts";
import type { Receipt } from "../../src/protocol/receipt.ts";
import type { Town } from "../../src/protocol/town.ts";
import { openBrowser, type OpenBrowser } from "../support/browser.ts";
import { containerOf } from "../support/containers.ts";
import type { Curfew } from "../support/curfew.ts";
import { eventually } from "../support/eventually.ts";
import { printedAddress } from "../support/page.ts";
import { runningWith } from "../support/processes.ts";
import { foundTown } from "../support/town.ts";
import { doomedTown, expectGone, gone } from "./doomed.ts";
import { cloudOver, orphan } from "./orphan.ts";
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

/** The connections that a tab makes to a town and its mayor. */
interface Tab {
  readonly page: Page;
  /** Every one that it ever began. */
  readonly connections: readonly string[];
  /** As a router that forgets its connections does: no code says that the room is gone. */
  breakAll(): Promise<void>;
  /** Lets a minute pass in the tab, slowly enough for the network, which knows only real time. */
  passMinute(): Promise<void>;
}

/** Somebody's browser, signed in. A context each: what is done to a page's clock is done to all of its context. */
const signIn = async (): Promise<Page> => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(printedAddress(instance.curfew.printed));
  return page;
};

const openTab = async (url: string, town: string): Promise<Tab> => {
  const page = await signIn();
  const connections: string[] = [];
  const open = new Set<WebSocketRoute>();
  await page.clock.install();
  await page.routeWebSocket(new RegExp(town), (socket) => {
    connections.push(new URL(socket.url()).pathname);
    open.add(socket);
    const server = socket.connectToServer();
    const pass = (to: WebSocketRoute) => (code?: number, reason?: string) => {
      open.delete(socket);
      void to.close({ ...(code !== undefined && { code }), ...(reason !== undefined && { reason }) });
    };
    socket.onClose(pass(server));
    server.onClose(pass(socket));
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
    passMinute: async () => {
      for (let seconds = 0; seconds < 60; seconds += 2) {
        await page.clock.runFor(2000);
        await eventually(
          "an answer to each connection",
          () => open.size,
          (count) => count === 0,
        );
      }
    },
  };
};

/** Everything in the cloud's list that is not as it should be. */
const suspectsOf = async (curfew: Curfew, api: string, destroy: boolean): Promise<OrphanFinding[]> => {
  const objects = cloudObjects({ account: "account", token: "a-token", api }, "curfew");
  const suspects: OrphanFinding[] = [];
  for await (const finding of askAbout(curfew, objects, destroy))
    if (finding.standing === "unclaimed" || finding.standing === "unknown") suspects.push(finding);
  return suspects;
};

const sweep = async (curfew: Curfew, ...args: string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, "scripts", "sweep.ts"), "--url", curfew.url, ...args],
    { env: { ...process.env, CURFEW_TOKEN: curfew.token } },
  );
  return stdout;
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
    const page = await signIn();
    const open = await openTab(curfew.url, town.id);
    const cut = await openTab(curfew.url, town.id);
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
      await tab.passMinute();
      await tab.page.getByRole("heading", { name: "receipt" }).waitFor();
    }
    // A link to it, too, leads to its receipt.
    await page.goto(`${curfew.url}/towns/${town.id}`);
    await page.getByRole("heading", { name: "Ash: its receipt" }).waitFor();
    expect(open.connections).toHaveLength(2);
    expect(cut.connections.length).toBeGreaterThan(2);
    for (const room of rooms)
      expect(cut.connections.filter((path) => path === room).length, room).toBeLessThanOrEqual(2);
  });
});

it("an orphan that works on for nobody is found by its id and in the cloud's list, and ended only when told to", async () => {
  const { curfew } = instance;
  using stack = new DisposableStack();
  const [kept, lost] = await Promise.all([doomedTown(curfew, stack), doomedTown(curfew, stack)]);
  const { id } = lost.town;
  await curfew.stop();
  orphan(curfew, id);
  await curfew.start();
  // Nobody asked for it: its room wakes by its alarm and gives its runs a new container.
  const works = () => runningWith("CURFEW_TOWN", id);
  await eventually("the orphan at work", works, (processes) => processes.length > 0);

  await using cloud = await cloudOver(curfew);
  const suspects = await suspectsOf(curfew, cloud.url, false);
  expect(suspects.map(({ room, standing }) => `${standing}: ${room}`).toSorted()).toEqual([
    `unclaimed: Town ${id}`,
    expect.stringMatching(/^unclaimed: TownContainer [0-9a-f]{64}$/),
  ]);

  const list = join(curfew.state, "orphans.txt");
  writeFileSync(list, `${kept.town.id}\n\n${id}\n`);
  const line = (town: string, ...rest: string[]) => [town, ...rest].join("\t");
  const claimed = line(kept.town.id, "claimed", `Town ${kept.town.id}`, "alive; open, of owner");
  const unclaimed = line(id, "unclaimed", `Town ${id}`, "alive, and nobody claims it");
  expect(await sweep(curfew, "--ids", list)).toBe(`${claimed}\n${unclaimed}\n`);
  expect(works()).not.toEqual([]);

  const container = containerOf(curfew, id);
  expect(await sweep(curfew, "--ids", list, "--destroy")).toBe(`${claimed}\n${unclaimed}; ended\n`);
  expect(works()).toEqual([]);
  expect(container.isGone()).toBe(true);
  for (const room of [`Town/${id}`, ...lost.agents.map((name) => `Agent/${id}.${name}`)]) {
    const { body } = await curfew.api("GET", `/api/admin/rooms/${room}`);
    expect(body, room).toMatchObject({ vital: "dead", keys: ["vital"], tables: [], alarm: null });
  }
  expect(await suspectsOf(curfew, cloud.url, true)).toEqual([]);
  expect((await curfew.api("GET", `/api/towns/${kept.town.id}`)).status).toBe(200);
});
