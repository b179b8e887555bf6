import { toTable } from "../support/markdown";
import type { Findings } from "./Audit";
import type { Comparison, Metric } from "./Comparison";
import { AUDIT } from "./scenarios";
import { type Find, goals, judge, targetOf } from "./goals";
import { type Growth, nameOf } from "./growth";
import type { Contender } from "./Scenario";
import { exponentOf, type Spread, spreadOf, sum } from "./statistics";

/** What was not measured. */
export const NONE = "–";

interface Column {
  readonly title: string;
  readonly metric: Metric;
  /** The baseline's own figure. */
  readonly show: (value: number) => string;
}

const milliseconds = (ms: number) => `${significant(ms)} ms`;

const columns: readonly Column[] = [
  { metric: "goodput", show: (n) => `${significant(n)}/s`, title: "goodput" },
  { metric: "p50", show: milliseconds, title: "p50" },
  { metric: "p95", show: milliseconds, title: "p95" },
  { metric: "p99", show: milliseconds, title: "p99" },
  { metric: "cpu", show: (us) => `${significant(us)} µs`, title: "CPU" },
  {
    metric: "heap",
    show: (bytes) => `${significant(bytes / 2 ** 20)} MiB`,
    title: "heap",
  },
];

/** What each contender did: the first one's medians, and the others' ratios to it. */
export function comparisonTable(comparison: Comparison): string {
  const [baseline, ...others] = comparison.scenario.contenders;
  const rows = [
    ...(baseline ? [absolute(comparison, baseline)] : []),
    ...others.map((each) => relative(comparison, each)),
  ];

  return toTable(
    [
      ...["", ...columns.map(({ title }) => title), "failed", "lost"],
      ...(comparison.scenario.devices ? ["stale measures"] : []),
    ],
    rows,
  );
}

function absolute(comparison: Comparison, contender: Contender): string[] {
  const cells = columns.map(({ metric, show }) =>
    show(comparison.spread(metric, contender).median),
  );

  return [contender.name, ...cells, ...countsOf(comparison, contender)];
}

function relative(comparison: Comparison, contender: Contender): string[] {
  const cells = columns.map(({ metric }) =>
    // It runs past Kuzzle, whose process has nothing to do.
    contender.past && ["cpu", "heap"].includes(metric)
      ? NONE
      : inWords(spreadOf(comparison.ratios(metric, contender))),
  );

  return [contender.name, ...cells, ...countsOf(comparison, contender)];
}

function countsOf(comparison: Comparison, contender: Contender): string[] {
  const turns = comparison.turns.get(contender) ?? [];

  const stale = turns.flatMap((turn) => turn.stale ?? []);

  return [
    failedShare(comparison, contender),
    String(sum(turns.map(({ lost }) => lost))),
    ...(comparison.scenario.devices ? [String(spreadOf(stale).median)] : []),
  ];
}

/** How many of the updates that a contender sent failed. */
export function failedShare(
  { turns }: Comparison,
  contender: Contender,
): string {
  const own = turns.get(contender) ?? [];
  const failed = sum(own.flatMap(({ failures }) => [...failures.values()]));
  const sent = failed + sum(own.map(({ acknowledged }) => acknowledged));

  if (own.length === 0) {
    return NONE;
  }

  return failed === 0 ? "0" : `${((100 * failed) / sent).toFixed(1)} %`;
}

/** The goals that a run measured, and whether it met them, for a terminal. */
export function goalLines(find: Find): string[] {
  return goals.flatMap((goal) => {
    const { measured, verdict } = judge(goal, find);
    return verdict === "not measured"
      ? []
      : `${verdict}: ${goal.name}: ${targetOf(goal)}, measured ${inWords(measured)}`;
  });
}

/** What the audits of each contender found. */
export function auditTable(find: Find): string {
  const rows = [...(find(AUDIT)?.turns ?? [])].map(([{ name }, turns]) => {
    const count = (which: keyof Findings) =>
      String(sum(turns.map(({ findings }) => findings?.[which] ?? 0)));
    return [
      name,
      String(sum(turns.map(({ acknowledged }) => acknowledged))),
      count("versions"),
      count("notifications"),
      count("notificationsOutOfOrder"),
      count("overtaken"),
    ];
  });

  return toTable(
    [
      ...["", "acknowledged", "versions missing or shared"],
      ...["notifications missing or too many", "notifications out of order"],
      "stored before one that was sent earlier",
    ],
    rows,
  );
}

/** CPU for an update at each size, and the exponent that it grows with. */
export function growthTable(growth: Growth, find: Find): string {
  const { contenders, sizes, unit } = growth;
  const measured = sizes.flatMap((size) => {
    const comparison = find(nameOf(growth, size));
    return comparison ? [{ comparison, size }] : [];
  });
  const [baseline, ...others] = contenders;
  const rows = measured.map(({ comparison, size }) => [
    size.toLocaleString("en"),
    ...contenders.map((each) =>
      significant(comparison.spread("cpu", each).median),
    ),
    ...others.map((each) =>
      inWords(spreadOf(comparison.ratios("cpu", each, baseline))),
    ),
  ]);
  const exponents = (from: number) =>
    contenders.map((each) =>
      exponentInWords(
        measured
          .slice(from)
          .map(({ comparison, size }) => [
            size,
            comparison.spread("cpu", each).median,
          ]),
      ),
    );
  const empty = others.map(() => "");

  return toTable(
    [
      unit,
      ...contenders.map(({ name }) => `${name}, µs`),
      ...others.map(({ name }) => `${name}, ratio`),
    ],
    [
      ...rows,
      ["exponent, all sizes", ...exponents(0), ...empty],
      ["exponent, last two", ...exponents(-2), ...empty],
    ],
  );
}

function exponentInWords(points: Parameters<typeof exponentOf>[0]): string {
  return points.length < 2 ? NONE : exponentOf(points).toFixed(2);
}

/** Median, and in brackets the least and the greatest. */
export function inWords({ max, median, min }: Spread): string {
  if (Number.isNaN(median)) {
    return NONE;
  }

  return min === max
    ? ratio(median)
    : `${ratio(median)} (${ratio(min)}–${ratio(max)})`;
}

const ratio = (value: number) =>
  value >= 100 ? value.toFixed(0) : value.toFixed(2).replace(/\.00$/, "");

export function significant(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en", {
    maximumSignificantDigits: 3,
  });
}
