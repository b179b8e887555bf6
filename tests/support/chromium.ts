import { existsSync } from "node:fs";

import { type Browser, chromium } from "playwright-core";

const places = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** Where this machine has a chromium: what `CHROMIUM` names, or one of the usual places. */
export const chromiumPath = places.find((path) => path && existsSync(path));

/** Why tests in a browser are skipped, or false where they are not. */
export const isWithoutChromium =
  chromiumPath === undefined &&
  "there is no chromium (Debian: apt-get install chromium; elsewhere, CHROMIUM names one)";

/** Starts the chromium of this machine: none is downloaded. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    // Its sandbox does not work for root.
    chromiumSandbox: process.getuid?.() !== 0,
    executablePath: String(chromiumPath),
  });
}
