import type { Page } from "playwright-core";

/**
 * Begins to measure how much of a page moves by itself.
 *
 * @returns what tells it: the sum of what the browser calls layout shifts, those that follow an input
 * at once left out
 */
export async function layoutShiftOf(
  page: Page,
): Promise<() => Promise<number>> {
  await page.evaluate(`
    window.layoutShift = 0;
    new PerformanceObserver((list) => {
      for (const { hadRecentInput, value } of list.getEntries()) {
        window.layoutShift += hadRecentInput ? 0 : value;
      }
    }).observe({ type: "layout-shift" });
  `);

  return () => page.evaluate("window.layoutShift");
}
