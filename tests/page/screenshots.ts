import { mkdirSync } from "node:fs";

import type { Page } from "playwright-core";

import { root } from "../../scripts/paths.mjs";

/** In pixels of CSS: its text must be readable where a forge shows the README about 800 pixels wide. */
const WIDTH = 1_000;

/** Of the page around what is shown, in pixels of CSS: less than what is between two panels. */
const MARGIN = 12;

/** Takes a picture of what happened in the storm, in each of the colour schemes. @param folder below the top */
export async function takeScreenshots(
  page: Page,
  folder: string,
): Promise<void> {
  mkdirSync(`${root}${folder}`, { recursive: true });
  await page.setViewportSize({ height: 1_200, width: WIDTH });
  // The verdict is there: it needs no room for longer ones any more.
  await page.evaluate(
    "document.getElementById('verdict').style.minHeight = '0'",
  );
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const {
      height = 0,
      width = 0,
      x = 0,
      y = 0,
    } = (await page.locator(".area-charts").boundingBox()) ?? {};
    const top = Number(await page.evaluate("scrollY"));
    await page.screenshot({
      clip: {
        height: height + 2 * MARGIN,
        width: width + 2 * MARGIN,
        x: x - MARGIN,
        y: top + y - MARGIN,
      },
      fullPage: true,
      path: `${root}${folder}/page-${colorScheme}.png`,
    });
  }
}
