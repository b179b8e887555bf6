import { readFile, writeFile } from "node:fs/promises";

import { format } from "prettier";

import { root } from "../../scripts/paths.mjs";
import { tableOf } from "../support/markdown";

/** A figure that a page quotes: the only group of the pattern, and what it is by the benchmark's page. */
type Quote = readonly [pattern: RegExp, figure: (page: string) => string];

const gain =
  (mode: string, of: RegExp): Quote[1] =>
  (page) =>
    cell(tableOf(page, "mode", "gain", "cost", "when"), mode, 1, of);

/** @param column 1: failed natively; 2: failed with 50 retries */
const failed =
  (inFlight: number, column: number): Quote[1] =>
  (page) => {
    const names = ["native: failed", "50 retries: failed", "default", "`fold`"];
    const rows = tableOf(page, "in flight", ...names);
    return cell(rows, String(inFlight), column, /([\d.]+)/);
  };

function cell(
  rows: readonly (readonly string[])[],
  name: string,
  column: number,
  of: RegExp,
): string {
  const row = rows.find(([first]) => first === name);
  const [, figure] = of.exec(row?.[column] ?? "") ?? [];
  if (figure === undefined) {
    throw new Error(`docs/benchmarks.md has no ${String(of)} of ${name}.`);
  }

  return figure;
}

const byUsers = /\*\*([\d.]+) ×\*\* the updates/;
const onOne = /\*\*([\d.]+) ×\*\* on one document/;

/** By page. */
export const quotes: Readonly<Record<string, readonly Quote[]>> = {
  "README.md": [
    [/([\d.]+) ×, with `prepareJwtKey`/, gain("default", byUsers)],
    [/with `prepareJwtKey` ([\d.]+) ×/, gain("`prepareJwtKey: true`", byUsers)],
    [/([\d.]+) ×, with \[`fold`\]/, gain("default", onOne)],
    [/with \[`fold`\]\S+ ([\d.]+) ×/, gain("`fold`", onOne)],
    [/([\d.]+) % with 50 retries/, failed(64, 2)],
    [/([\d.]+) % without/, failed(64, 1)],
    [/([\d.]+) % still fail/, failed(256, 2)],
  ],
  "docs/configuration.md": [
    [
      /([\d.]+) × native's throughput/,
      gain("`batchWrites: false`", /none: \*\*([\d.]+) ×/),
    ],
  ],
};

/** A page with the figures that the benchmark's page has, to two digits. Throws if one has no place in it. */
export function withFigures(path: string, text: string, page: string): string {
  return (quotes[path] ?? []).reduce((before, [pattern, figure]) => {
    const rounded = String(Number(Number(figure(page)).toPrecision(2)));
    if (before.match(new RegExp(pattern, "g"))?.length !== 1) {
      throw new Error(`${path} does not quote ${String(pattern)} once.`);
    }
    return before.replace(pattern, (quote, old: string) =>
      quote.replace(old, rounded),
    );
  }, text);
}

/** Writes the figures of docs/benchmarks.md into the pages that quote them. */
export async function writeQuotes(): Promise<void> {
  const page = await readFile(`${root}docs/benchmarks.md`, "utf8");
  for (const path of Object.keys(quotes)) {
    const text = await readFile(`${root}${path}`, "utf8");
    const quoting = withFigures(path, text, page);
    // Columns of a table may have become wider.
    const pretty = await format(quoting, { parser: "markdown" });
    await writeFile(`${root}${path}`, pretty);
  }
}
