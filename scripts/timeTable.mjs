/**
 * Formats a table of how long each step took, in the order in which they ended.
 *
 * @param {readonly import("./runStep.mjs").StepResult[]} results
 * @param {number} seconds total duration
 */
export function toTimeTable(results, seconds) {
  const rows = [
    ["step", "time", "passed", "failed", "skipped"],
    ...results.map((each) => [
      each.script,
      inSeconds(each.seconds),
      String(each.passed),
      String(each.failed),
      String(each.skipped),
    ]),
    ["all, some beside others", inSeconds(seconds), "", "", ""],
  ];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...rows.map((row) => String(row[column]).length)),
  );

  return rows
    .map(([name = "", ...cells]) =>
      [
        name.padEnd(Number(widths[0])),
        ...cells.map((cell, column) =>
          cell.padStart(Number(widths[column + 1])),
        ),
      ]
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** @param {number} seconds */
function inSeconds(seconds) {
  return `${seconds.toFixed(0)} s`;
}
