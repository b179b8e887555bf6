// What README and docs quote of the benchmark, and whether its page and its details are of one run.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";

import { quotes, withFigures } from "../../bench/quotes";
import { tableOf } from "../../support/markdown";

/** Largest difference of a ratio of medians from the median of ratios, as a share of it. */
const TOLERANCE = 0.25;

const read = (path: string) => readFileSync(path, "utf8");
const page = read("docs/benchmarks.md");
const details = read("docs/maintainers/benchmarks.md");

const columns = ["goodput", "p50", "p95", "p99", "CPU", "heap", "failed"];

/** The first number of a text. */
function numberIn(text: string): number {
  const [found] = /[\d,.]*\d/.exec(text) ?? [];
  assert.ok(found !== undefined, text);

  return Number(found.replaceAll(",", ""));
}

/** A figure of docs/maintainers/benchmarks.md: a ratio, or for native what was measured. */
function measured(scenario: string, contender: string, column: string): number {
  const section = details
    .split(/^##+ /m)
    .find((text) => text.toLowerCase().startsWith(`${scenario}\n`));
  assert.ok(section !== undefined, scenario);
  const rows = tableOf(section, "", ...columns, "lost");
  const row = rows.find(([name]) => name === contender);
  assert.ok(row !== undefined, `${contender} of ${scenario}`);

  return numberIn(row[columns.indexOf(column) + 1] ?? "");
}

const DEFAULT = "plugin, default";
const RETRYING = "native, 50 retries";

for (const path of Object.keys(quotes)) {
  it(`the figures of ${path} are those of docs/benchmarks.md: npm run bench:quotes writes them`, () => {
    const text = read(path);

    assert.equal(withFigures(path, text, page), text);
  });
}

it("each figure of README and docs is quoted where the benchmark can write it", () => {
  const path = "README.md";
  const text = read(path);

  // A speed or a share that nothing writes would stay as it was.
  const figures = text.match(/\d(?:[\d.]*\d)? [×%]/g) ?? [];
  const baselines = figures.filter((figure) => figure === "1 ×");
  assert.equal(figures.length - baselines.length, quotes[path]?.length);
});

it("docs/benchmarks.md has what updates of different documents take, as in the details", () => {
  const rows = tableOf(
    page,
    "64 updates in flight",
    "native, a second",
    "native, CPU time of one",
    "plugin, a second",
    "plugin, CPU time of one",
  );

  assert.ok(rows.length > 0);
  for (const [what = "", ...cells] of rows) {
    const scenario =
      what === "The anonymous user"
        ? "independent documents, 64 in flight"
        : what.toLowerCase();
    const figures = ["native", DEFAULT].flatMap((contender) =>
      ["goodput", "CPU"].map((column) => measured(scenario, contender, column)),
    );
    for (const [place, figure] of figures.entries()) {
      assertNear(numberIn(cells[place] ?? ""), figure, `${what}, ${place}`);
    }
  }
});

it("docs/benchmarks.md has what one hot document takes, as in the details", () => {
  const rows = tableOf(
    page,
    "in flight",
    "native: failed",
    "50 retries: failed",
    "default",
    "`fold`",
  );

  assert.ok(rows.length > 0);
  for (const [inFlight = "", ...cells] of rows) {
    const scenario = `one hot document, ${inFlight} in flight`;
    const of = (contender: string) =>
      measured(scenario, contender, "goodput") /
      measured(scenario, RETRYING, "goodput");
    const figures = [
      measured(scenario, "native", "failed"),
      measured(scenario, RETRYING, "failed"),
      of(DEFAULT),
      of("plugin, fold"),
    ];
    for (const [place, figure] of figures.entries()) {
      assertNear(numberIn(cells[place] ?? ""), figure, `${inFlight}, ${place}`);
    }
  }
});

function assertNear(quoted: number, figure: number, what: string): void {
  assert.ok(
    Math.abs(quoted - figure) <= TOLERANCE * figure,
    `${what}: ${quoted} on the page, ${figure} in the details`,
  );
}
