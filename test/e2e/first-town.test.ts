import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Receipt } from "../../src/protocol/receipt.ts";
import { openBrowser, type OpenBrowser } from "../support/browser.ts";
import { makeCheckpoint } from "../support/checkpoint.ts";
import { containerOf } from "../support/containers.ts";
import { type Curfew, startCurfew } from "../support/curfew.ts";
import { openPage, photograph, printedAddress } from "../support/page.ts";
import { makeRepository } from "../support/repository.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { foundTown, sh } from "../support/town.ts";

let curfew: Curfew;
let browser: OpenBrowser;

beforeAll(async () => {
  [curfew, browser] = await Promise.all([
    startCurfew({ env: { CURFEW_RETRY_BASE: "100ms" } }),
    openBrowser(),
  ]);
});

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await curfew?.[Symbol.asyncDispose]();
});

/** A person's browser, signed in. */
const signIn = async (): Promise<BrowserContext> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(printedAddress(curfew.printed));
  await page.close();
  return context;
};

const conversation = (page: Page) => page.getByRole("log", { name: "Conversation with the mayor" });

const tell = async (page: Page, text: string): Promise<void> => {
  await page.getByRole("textbox", { name: "Message to the mayor" }).fill(text);
  await page.getByRole("button", { name: "Send" }).click();
};

const isLive = (page: Page) =>
  page.getByRole("status", { name: "Connection" }).getByText("Live", { exact: true }).waitFor();

describe("a person with a browser", () => {
  it("signs in by the printed address, which the token leaves at once for a cookie", async () => {
    const context = await browser.newContext();
    const stranger = await openPage(context);
    await stranger.page.goto(curfew.url);
    await stranger.page.getByRole("heading", { name: "Curfew doesn’t know you yet" }).waitFor();
    // That complaints are heard at all.
    expect(stranger.complaints).toEqual([expect.stringContaining("401")]);

    const { page, complaints } = await openPage(context);
    await page.goto(printedAddress(curfew.printed));
    await page.getByRole("heading", { name: "Curfew", exact: true }).waitFor();
    expect(page.url()).toBe(`${curfew.url}/`);
    const [cookie, ...others] = await context.cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" });
    expect(cookie?.value).not.toContain(curfew.token);
    await page.reload();
    await isLive(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("founds a town, adds a rig, slings to the mayor, and has the commit merged on its branch", async () => {
    using repository = makeRepository({ bare: true });
    const context = await signIn();
    const { page, complaints } = await openPage(context);
    await page.goto(curfew.url);

    await page.getByRole("button", { name: "Found a town" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Riverside");
    await page.getByRole("button", { name: "Found it" }).click();
    await page.getByRole("heading", { name: "Riverside", level: 1 }).waitFor();

    await page.getByRole("button", { name: "Add a rig" }).click();
    const dialog = page.getByRole("dialog", { name: "Add a rig" });
    await dialog.getByRole("textbox", { name: "Repository" }).fill(repository.path);
    await dialog.getByRole("textbox", { name: "Name", exact: true }).fill("hello");
    await dialog.getByRole("textbox", { name: "Gates" }).fill("test -s greeting.txt");
    await dialog.getByRole("button", { name: "Add rig" }).click();
    const rigs = page.getByRole("list", { name: "Rigs" });
    await rigs.getByText("ready", { exact: true }).waitFor();
    await rigs.getByText("main", { exact: true }).waitFor();

    await tell(page, `/sling Add a greeting\n${sh("echo hello from a polecat | tee greeting.txt")}`);
    await conversation(page).getByText("Slung b1 to hello: Add a greeting").waitFor();
    await page.getByRole("list", { name: "Closed" }).getByRole("link", { name: "Add a greeting" }).click();

    const merge = repository.git("log", "-1", "--merges", "--format=%H", "main");
    expect(merge).toBe(repository.head());
    expect(repository.git("log", "-1", "--no-merges", "--format=%s", "main")).toBe("Add a greeting");
    expect(repository.read("greeting.txt")).toBe("hello from a polecat");

    await page.getByRole("heading", { name: "Add a greeting" }).waitFor();
    await page.getByText(merge, { exact: true }).waitFor();
    await page.getByText("Diff", { exact: true }).click();
    await page
      .getByRole("region", { name: "Changes in greeting.txt (new)" })
      .getByText("+hello from a polecat")
      .waitFor();
    await page.getByText("Gates", { exact: true }).click();
    await page
      .getByRole("group")
      .filter({ hasText: "test -s greeting.txt" })
      .getByText(/^passed/)
      .waitFor();
    await page.getByRole("link", { name: "polecat-1’s transcript" }).click();
    const transcript = page.getByRole("log", { name: "Transcript of polecat-1" });
    await transcript.getByText("Block 1 of 1: echo hello").click();
    await transcript.getByText("hello from a polecat", { exact: true }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("sees the same live in a second tab, and after a reload nothing is missing or there twice", async () => {
    using town = await foundTown(curfew, "Elm");
    const context = await signIn();
    const first = await openPage(context);
    const second = await openPage(context);
    for (const { page } of [first, second]) {
      await page.goto(`${curfew.url}/towns/${town.id}`);
      await isLive(page);
    }
    const said = (page: Page): Promise<string[]> => conversation(page).locator(".entry").allInnerTexts();

    await tell(first.page, "/help");
    for (const { page } of [first, second]) {
      await conversation(page).getByText("These are my commands:").waitFor();
    }
    await first.page.reload();
    await tell(second.page, "/rigs");
    await tell(first.page, "/nonsense");
    for (const { page } of [first, second]) {
      await conversation(page).getByText("This town has no rig yet").waitFor();
      await conversation(page).getByText("I don't know /nonsense").waitFor();
    }

    const entries = await said(first.page);
    expect(entries).toEqual(await said(second.page));
    await second.page.reload();
    await conversation(second.page).getByText("I don't know /nonsense").waitFor();
    expect(await said(second.page)).toEqual(entries);
    for (const text of ["/help", "/rigs", "/nonsense"]) {
      expect(entries.filter((entry) => entry.trim() === text)).toHaveLength(1);
    }
    expect(entries).toHaveLength(7);
    expect([...first.complaints, ...second.complaints]).toEqual([]);
    await context.close();
  });

  it("reads why a bead failed, mends it, and retries", async () => {
    using repository = makeRepository();
    using folder = temporaryFolder();
    const key = join(folder.path, "key");
    using town = await foundTown(curfew, "Oak");
    await town.addRig({ name: "hello", gitUrl: repository.path });
    const id = await town.sling("hello", "Open the door", `cat "${key}" > door.txt`);
    const { attempts } = await town.failed(id);
    expect(attempts).toBe(3);

    const context = await signIn();
    const { page, complaints } = await openPage(context);
    await page.goto(`${curfew.url}/towns/${town.id}`);
    await page.getByRole("list", { name: "Needs you" }).getByRole("link", { name: "Open the door" }).click();
    await page.getByText(/^Block 1 of 1 failed \(exit code 1\): cat: .*No such file or directory$/).waitFor();
    writeFileSync(key, "iron\n");
    await page.getByRole("button", { name: "Retry" }).click();
    await town.closed(id);
    await page.getByText(" · closed").waitFor();
    expect(repository.read("door.txt")).toBe("iron");
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("sees at a glance who is at work, what waits for it, and what is done", async () => {
    using checkpoint = makeCheckpoint();
    using site = makeRepository({ files: { "README.md": "# The harbour\n", "draw.sh": checkpoint.script } });
    using tools = makeRepository({ files: { "count.sh": `${checkpoint.script}\nseq 12\n` } });
    using town = await foundTown(curfew, "Harbour");
    await town.addRig({ name: "site", gitUrl: site.path, gates: ["test -s README.md"] });
    await town.addRig({ name: "tools", gitUrl: tools.path });
    const context = await signIn();
    const { page, complaints } = await openPage(context);
    await page.goto(`${curfew.url}/towns/${town.id}`);
    const ask = async (id: string, words: string, script: string): Promise<void> => {
      await tell(page, `/sling ${words}\n${sh(script)}`);
      await conversation(page).getByText(`Slung ${id} to `).waitFor();
    };

    await ask("b1", "site Say when we are open", 'echo "Open from dawn to dusk." >> README.md');
    await ask("b2", "tools Ask the harbour master", "cat harbour-master.txt >> answers.txt");
    await Promise.all([town.closed("b1"), town.failed("b2")]);
    await ask("b3", "site Draw the lighthouse", "sh draw.sh > lighthouse.svg");
    await ask("b4", "tools Count the boats", "sh count.sh > boats.txt");
    await checkpoint.reached(2);
    await tell(page, "/status");
    await conversation(page).getByText("Beads: 2 open, 1 closed, 1 failed").waitFor();

    const inList = (name: string) => page.getByRole("list", { name }).getByRole("link").allInnerTexts();
    expect(await inList("Needs you")).toEqual([expect.stringContaining("Ask the harbour master")]);
    expect(await inList("In progress")).toEqual([
      expect.stringContaining("Draw the lighthouse"),
      expect.stringContaining("Count the boats"),
    ]);
    await page.getByRole("banner").getByText("2 at work").waitFor();
    await page.getByRole("link", { name: "Board" }).getByText("need you").waitFor();
    // The conversation stayed at its end while it grew.
    expect(await page.getByRole("button", { name: "Newest" }).count()).toBe(0);
    await photograph(page, "page");

    checkpoint.open();
    await page.getByRole("list", { name: "In progress" }).waitFor({ state: "detached" });
    await Promise.all([town.closed("b3"), town.closed("b4")]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("keeps its page over the server's death: what was written meanwhile arrives once, nothing is lost", async () => {
    using town = await foundTown(curfew, "Birch");
    const context = await signIn();
    const { page } = await openPage(context);
    await page.goto(`${curfew.url}/towns/${town.id}`);
    await tell(page, "/help");
    await conversation(page).getByText("These are my commands:").waitFor();

    const from = curfew.printed.length;
    for (const pid of curfew.workerdPids()) process.kill(pid, "SIGKILL");
    await page.getByRole("status", { name: "Connection" }).getByText("Stale since").first().waitFor();
    await tell(page, "/rigs");
    await conversation(page).getByText("not sent yet, will be tried again").waitFor();
    await curfew.says("The Worker is back.", from);
    await conversation(page).getByText("This town has no rig yet").waitFor();
    await isLive(page);

    const entries = await conversation(page).locator(".entry").allInnerTexts();
    expect(entries.map((entry) => entry.split("\n")[0])).toEqual([
      "/help",
      "These are my commands:",
      "/rigs",
      expect.stringContaining("list_rigs"),
      "This town has no rig yet: add a repository first.",
    ]);
    await context.close();
  });

  it("deletes a town: its receipt is shown, and of the town nothing is left but tombstones", async () => {
    using repository = makeRepository();
    using town = await foundTown(curfew, "Ash");
    await town.addRig({ name: "hello", gitUrl: repository.path });
    const beads = await Promise.all(
      ["one", "two"].map((name) => town.sling("hello", `Write ${name}`, `echo ${name} > ${name}.txt`)),
    );
    await Promise.all(beads.map((id) => town.closed(id)));
    await town.message(await town.say("/status"), "done");
    const container = containerOf(curfew, town.id);
    expect(container.agents("mayor")).toHaveLength(1);
    expect(existsSync(container.folder)).toBe(true);

    const context = await signIn();
    const { page, complaints } = await openPage(context);
    await page.goto(`${curfew.url}/towns/${town.id}/settings`);
    await page.getByRole("button", { name: "Delete this town" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete this town" });
    await dialog.getByRole("textbox").fill("Ash");
    await dialog.getByRole("button", { name: "Delete for ever" }).click();
    await page.getByRole("heading", { name: "Ash: its receipt" }).waitFor();
    await page.getByText(/^Gone since /).waitFor();
    expect(
      await page.getByRole("list", { name: "What was done" }).locator("li > p:first-child").allInnerTexts(),
    ).toEqual(["Sockets closed", "Container killed", "Agents wiped", "The town itself wiped"]);
    await page.getByText(`hello: curfew/${town.id}/b1`).waitFor();
    await page.getByRole("button", { name: "Look again" }).click();
    await page.getByRole("status").getByText("Looked again: nothing is left.").waitFor();

    expect(await town.room.closedForGood).toBe(4410);
    expect(await town.mayor.closedForGood).toBe(4410);
    expect(container.processes()).toEqual([]);
    expect(container.isGone()).toBe(true);
    for (const room of [
      `Town/${town.id}`,
      ...["mayor", "polecat-1", "polecat-2"].map((name) => `Agent/${town.id}.${name}`),
    ]) {
      const { body } = await curfew.api("GET", `/api/admin/rooms/${room}`);
      expect(body, room).toMatchObject({ vital: "dead", keys: ["vital"], tables: [], alarm: null });
    }
    const { body: receipt } = await curfew.api<Receipt>("GET", `/api/towns/${town.id}/receipt`);
    expect(receipt).toMatchObject({
      state: "gone",
      agents: 3,
      containerExit: expect.stringContaining("kill"),
    });
    expect((await curfew.api("GET", `/api/towns/${town.id}`)).status).toBe(410);

    await page.getByRole("link", { name: "All towns" }).click();
    await page.getByRole("list", { name: "Towns" }).getByRole("link", { name: "Elm" }).waitFor();
    expect(await page.getByRole("link", { name: "Ash" }).count()).toBe(0);
    expect(repository.git("branch", "--list", `curfew/${town.id}/*`).split("\n")).toHaveLength(2);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
