import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { findChromium } from "../../scripts/test/chromium.ts";

/** Nothing but the page under test goes over the network. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** A real browser; every context is somebody else's, with cookies of its own. */
export interface OpenBrowser extends AsyncDisposable {
  newContext(options?: Parameters<Browser["newContext"]>[0]): Promise<BrowserContext>;
}

/** @throws Error if this machine has no Chromium; `npm test` installs one */
export const openBrowser = async (): Promise<OpenBrowser> => {
  const executablePath = findChromium(process.env);
  if (!executablePath) throw new Error("No Chromium: install one, or set CURFEW_CHROMIUM to its path.");
  const browser = await chromium.launch({ executablePath, args: QUIET });
  return {
    newContext: (options) => browser.newContext(options),
    [Symbol.asyncDispose]: () => browser.close(),
  };
};
