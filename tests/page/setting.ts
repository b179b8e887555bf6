import { after, afterEach, before } from "node:test";

import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import { startChromium } from "../support/chromium";
import { Demo } from "./Demo";
import { DemoReader } from "./DemoReader";

/** What the tests of the page need. */
export interface PageSetting {
  readonly demo: Demo;
  /** Opens the page for the test that runs, in a context of its own. @see DemoReader.open */
  open(
    options?: BrowserContextOptions,
    prepare?: (page: Page) => Promise<unknown>,
  ): Promise<DemoReader>;
}

/** Has one demo and one browser for the tests of a suite, and closes what each of them opened. */
export function usePage(): () => PageSetting {
  let browser: Browser | undefined;
  let demo: Demo | undefined;
  let reader: DemoReader | undefined;
  let setting: PageSetting;

  before(async () => {
    const started = (demo = await Demo.start());
    const launched = (browser = await startChromium());
    setting = {
      demo: started,
      open: async (options, prepare) =>
        (reader = await DemoReader.open(launched, started, options, prepare)),
    };
  });

  afterEach(async () => {
    const opened = reader;
    reader = undefined;
    await opened?.close();
  });

  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  return () => setting;
}
