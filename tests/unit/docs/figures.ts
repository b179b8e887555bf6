// The figures that README and docs quote are rounded: they may differ a little from those of the last
// run of the benchmark, but not by more than another run does.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";

import { tableOf } from "../../support/markdown";

/** Largest difference of a quoted figure from the measured one, as a share of it. */
const TOLERANCE = 0.25;
/** Largest difference of a share of failed updates, in percentage points, if that is more. */
const POINTS = 2;

const read = (path: string) => readFileSync(path, "utf8");
const page = read("docs/benchmarks.md");
const details = read("docs/maintainers/benchmarks.md");

const columns = ["goodput", "p50", "p95", "p99", "CPU", "heap", "failed"];

/** The first number of a text; "–" and "none" are none. */
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

/** What a mode gains, by the first table of docs/benchmarks.md. */
function gain(mode: string, of: RegExp): number {
  const row = tableOf(page, "mode", "gain", "cost", "when").find(
    ([name]) => name === mode,
  );

  return numberIn(of.exec(row?.join(" ") ?? "")?.[1] ?? "");
}

/** What conditional changes come to, by the second one. */
function conditional(what: string): number {
  const row = tableOf(page, "64 in flight", "a second").find(
    ([name]) => name === what,
  );

  return numberIn(row?.[1] ?? "");
}

const hot = (inFlight: number) => `one hot document, ${inFlight} in flight`;
const many = "independent documents, 64 in flight";
const DEFAULT = "plugin, default";
const RETRYING = "native, 50 retries";
const best = /\*\*([\d.]+) ×\*\* native's best/;

/** By page: a text with one figure, and what it has to be. */
const quotes: Readonly<
  Record<string, readonly (readonly [quote: RegExp, figure: () => number])[]>
> = {
  "README.md": [
    [/error 500: (\d+) % with 64/, () => measured(hot(64), "native", "failed")],
    [/ (\d+) %; with 50 retries/, () => measured(hot(64), "native", "failed")],
    [
      /; with 50 retries ([\d.]+) %/,
      () => measured(hot(64), RETRYING, "failed"),
    ],
    [/ ([\d.]+) ×, with \[`fold`\]/, () => gain("default", best)],
    [/`fold`\]\S+ ([\d.]+) ×/, () => gain("`fold`", best)],
    [/([\d.]+) ×; by a logged-in/, () => measured(many, DEFAULT, "goodput")],
    [
      /logged-in user ([\d.]+) ×/,
      () => measured("20 logged-in users", DEFAULT, "goodput"),
    ],
    [
      /50 retries ([\d.]+) % still/,
      () => measured(hot(256), RETRYING, "failed"),
    ],
  ],
  "docs/conditional.md": [
    [
      /`modify` stores ([\d.]+) ×/,
      () => conditional("increments of one counter by `modify`"),
    ],
    [
      /with \[`fold`\]\S+ ([\d.]+) ×/,
      () => conditional("the same with `fold`"),
    ],
    [
      /`ifVersion`, ([\d.]+) ×/,
      () => conditional("the same by get and `ifVersion`"),
    ],
    [
      /`ifVersion` reach ([\d.]+) ×/,
      () => conditional("updates of many documents with `ifVersion`"),
    ],
  ],
  "docs/sizing.md": [
    [
      /`modify` stores ([\d.]+) ×/,
      () => conditional("increments of one counter by `modify`"),
    ],
    [/with `fold` ([\d.]+) ×/, () => conditional("the same with `fold`")],
    [
      /took ([\d.]+) × native's rate/,
      () =>
        measured("limits, 64 in flight", "Elasticsearch `_update`", "goodput"),
    ],
    [
      /updates, and ([\d.]+) × as bulk/,
      () =>
        measured("limits, 64 in flight", "Elasticsearch `_bulk`", "goodput"),
    ],
    [
      /reached ([\d.]+) × native's/,
      () => measured("limits, 64 in flight", "`server:now`", "goodput"),
    ],
  ],
  "docs/tuning.md": [
    [
      /\| ([\d.]+) × native's throughput/,
      () => gain("`batchWrites: false`", /none: \*\*([\d.]+) ×/),
    ],
  ],
};

for (const [path, all] of Object.entries(quotes)) {
  it(`the figures of ${path} are those of the benchmark`, () => {
    const text = read(path);
    for (const [quote, figure] of all) {
      const found = text.match(new RegExp(quote, "g")) ?? [];
      assert.equal(found.length, 1, `${quote} in ${path}`);
      const quoted = numberIn(quote.exec(text)?.[1] ?? "");
      const points = quote.source.includes("%") ? POINTS : 0;
      assertNear(quoted, figure(), `${quote}`, points);
    }
  });
}

it("docs/sizing.md has what updates of different documents take, as it was measured", () => {
  const rows = tableOf(
    read("docs/sizing.md"),
    "64 updates in flight",
    "native, a second",
    "native, CPU time of one",
    "plugin, a second",
    "plugin, CPU time of one",
  );

  assert.ok(rows.length > 0);
  for (const [what = "", ...cells] of rows) {
    const scenario = what === "the anonymous user" ? many : what.toLowerCase();
    const figures = ["native", DEFAULT].flatMap((contender) =>
      ["goodput", "CPU"].map((column) => measured(scenario, contender, column)),
    );
    for (const [place, figure] of figures.entries()) {
      assertNear(numberIn(cells[place] ?? ""), figure, `${what}, ${place}`);
    }
  }
});

it("docs/sizing.md has what one hot document takes, as it was measured", () => {
  const rows = tableOf(
    read("docs/sizing.md"),
    "in flight",
    "native: failed",
    "50 retries: failed",
    "default",
    "`fold`",
  );

  assert.ok(rows.length > 0);
  for (const [inFlight = "", ...cells] of rows) {
    const scenario = hot(Number(inFlight));
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
      const quoted = numberIn(cells[place] ?? "");
      assertNear(
        quoted,
        figure,
        `${inFlight}, ${place}`,
        place < 2 ? POINTS : 0,
      );
    }
  }
});

function assertNear(
  quoted: number,
  figure: number,
  what: string,
  points = 0,
): void {
  assert.ok(
    Math.abs(quoted - figure) <= Math.max(TOLERANCE * figure, points),
    `${what}: ${quoted} is quoted, ${figure} was measured`,
  );
}
