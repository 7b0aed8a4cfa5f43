import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { PATIENCE_MS } from "./patience.ts";

/** An open page, and everything that it complained about. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors on the console (violations of the content security policy are among them) and uncaught ones. */
  readonly complaints: readonly string[];
}

export const openPage = async (context: BrowserContext): Promise<WatchedPage> => {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { page, complaints };
};

/** The address that `npm start` printed. */
export const printedAddress = (printed: string): string => {
  const [, address] = /Curfew is open at (\S+)/.exec(printed) ?? [];
  if (address === undefined) throw new Error(`no address in:\n${printed}`);
  return address;
};

/** Keeps a picture of the page as it is, if `CURFEW_SCREENSHOTS` names a folder for them. */
export const photograph = async (page: Page, name: string): Promise<void> => {
  const folder = process.env["CURFEW_SCREENSHOTS"];
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
};
