import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { Page } from "playwright-core";

const axe = readFileSync(
  createRequire(__filename).resolve("axe-core/axe.min.js"),
  "utf8",
);

/** Returns what axe has against a page: each rule with the elements that break it. */
export async function violationsOf(page: Page): Promise<unknown[]> {
  // By the protocol of the browser's own tools: the page's policy lets no other script in.
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{
    violations: { id: string; nodes: { html: string; target: unknown }[] }[];
  }>("axe.run()");

  return violations.map(({ id, nodes }) => [
    id,
    nodes.map(({ html, target }) => [target, html]),
  ]);
}
