import { mkdirSync } from "node:fs";

import type { Page } from "playwright-core";

import { root } from "../../scripts/paths.mjs";

/** Where they go: `npm run screenshots` has those of the README written. */
const folder = process.env["SCREENSHOTS"] || "reports/page";
/** In pixels of CSS: wide enough for the charts beside the settings. */
const WIDTH = 1_200;

/** Of the page around the storm, in pixels of CSS. */
const MARGIN = 24;

/** Takes a picture of the storm in each of the colour schemes. */
export async function takeScreenshots(page: Page): Promise<void> {
  mkdirSync(`${root}${folder}`, { recursive: true });
  await page.setViewportSize({ height: 1_200, width: WIDTH });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { height = 0, y = 0 } =
      (await page.locator("#storm").boundingBox()) ?? {};
    const top = Number(await page.evaluate("scrollY"));
    await page.screenshot({
      clip: {
        height: height + 2 * MARGIN,
        width: WIDTH,
        x: 0,
        y: top + y - MARGIN,
      },
      fullPage: true,
      path: `${root}${folder}/page-${colorScheme}.png`,
    });
  }
}
