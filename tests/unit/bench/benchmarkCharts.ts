import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { CHARTS, drawCharts } from "../../bench/charts";
import type { Find } from "../../bench/goals";
import { runWith } from "../../support/benchmarkRun";

interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Of the font's size: broad for a sans-serif font. */
const CHARACTER_WIDTH = 0.6;

/** Where the texts of a chart are, by their anchors and estimated widths. */
function boxesOf(svg: string): Box[] {
  return [...svg.matchAll(/<text([^>]*)>([^<]*)<\/text>/g)].map(
    ([, attributes = "", text = ""]) => {
      const read = (pattern: RegExp) => pattern.exec(attributes)?.[1];
      const [, x = NaN, y = NaN] = (
        /transform="translate\(([-\d.]+) ([-\d.]+)\)"/.exec(attributes) ?? []
      ).map(Number);
      const size = Number(read(/font-size:(\d+)px/));
      const width = text.length * size * CHARACTER_WIDTH;
      const before = { end: 1, middle: 0.5, start: 0 }[
        String(read(/text-anchor="(\w+)"/)) as "end" | "middle" | "start"
      ];
      const left = x + Number(read(/ x="([-\d.]+)"/) ?? 0) - before * width;
      const middle = y + Number(read(/ y="([-\d.]+)"/) ?? 0);
      return {
        bottom: middle + size / 2,
        left,
        right: left + width,
        text,
        top: middle - size / 2,
      };
    },
  );
}

/** What cannot be read in the charts of a run. */
function faultsIn(find: Find): string[] {
  return Object.entries(drawCharts(find)).flatMap(([name, svg]) => {
    const [, width = NaN, height = NaN] = (
      /^<svg width="(\d+)" height="(\d+)"/.exec(svg) ?? []
    ).map(Number);
    const boxes = boxesOf(svg);
    const cut = boxes.filter(
      ({ bottom, left, right, top }) =>
        !(left >= 0 && right <= width && top >= 0 && bottom <= height),
    );
    const overlapping = boxes.flatMap((one, position) =>
      boxes
        .slice(position + 1)
        .filter(
          (other) =>
            one.left < other.right &&
            other.left < one.right &&
            one.top < other.bottom &&
            other.top < one.bottom,
        )
        .map((other) => `${name}: ${one.text} over ${other.text}`),
    );
    return [
      ...cut.map(({ text }) => `${name}: ${text} is cut`),
      ...overlapping,
    ];
  });
}

describe("the benchmark's charts", () => {
  const typical = runWith((contender) => 200 * contender.length);

  it("have their own background, on light pages and on dark ones", () => {
    for (const svg of Object.values(drawCharts(typical))) {
      assert.match(svg, /<rect width="880" height="\d+"[^>]* fill="#ffffff">/);
    }
  });

  it("label what they show", () => {
    const charts = drawCharts(typical);

    assert.deepEqual(Object.keys(charts).sort(), [...CHARTS].sort());
    for (const name of CHARTS) {
      const texts = boxesOf(charts[name]).map(({ text }) => text);
      assert.ok(texts.includes("plugin, default"), name);
      assert.ok(
        texts.some((text) => /^\d+(\.\d)?×$/.test(text)),
        name,
      );
    }
  });

  it("have no text over another or cut at the edge, whatever was measured", () => {
    // A second: what one machine can do.
    const goodput = fc.oneof(
      fc.integer({ max: 2_000, min: 100 }),
      fc.integer({ max: 99_000, min: 100 }),
    );
    fc.assert(
      fc.property(fc.infiniteStream(goodput), (goodputs) => {
        const faults = faultsIn(runWith(() => Number(goodputs.next().value)));
        assert.deepEqual(faults, []);
      }),
      { numRuns: 50 },
    );
  });

  it("have no text over another or cut at the edge where little or nothing was measured", () => {
    assert.deepEqual(
      faultsIn(() => undefined),
      [],
    );
    assert.deepEqual(faultsIn(runWith(() => 0)), []);
    assert.deepEqual(
      faultsIn(runWith((contender) => (contender === "native" ? 100 : 60))),
      [],
    );
    assert.deepEqual(
      faultsIn(runWith((contender) => (contender === "native" ? 0.1 : 99))),
      [],
    );
  });
});
