import type { Page } from "playwright-core";

const SAMPLE_MS = 100;

/**
 * Watches where the parts of a page are, and how high.
 *
 * @returns what tells each of them that has moved or grown since, whether it was in sight or not
 */
export async function watchLayout(page: Page): Promise<() => Promise<unknown>> {
  await page.evaluate(`{
    const places = () =>
      [...document.querySelectorAll("main section, .panel, .panel > :not([hidden], .hidden), tr, figure, .stats > div")].map((part) => {
        const { height, top } = part.getBoundingClientRect();
        const name = part.id || part.className || part.localName;
        return name + " at " + Math.round(top + scrollY) + ", high " + Math.round(height);
      });
    const before = places();
    const changes = new Set();
    const sample = () => {
      for (const [position, place] of places().entries()) {
        if (place !== before[position]) {
          changes.add(before[position] + " -> " + place);
        }
      }
      return [...changes];
    };
    setInterval(sample, ${SAMPLE_MS});
    window.layoutChanges = sample;
  }`);

  return () => page.evaluate("window.layoutChanges()");
}
