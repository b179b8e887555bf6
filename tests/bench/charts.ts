import { type BarSeriesOption, type EChartsOption, init } from "echarts";

import {
  byDefault,
  fold,
  intercepting,
  native,
  nativeRetrying,
  prepared,
} from "./contenders";
import type { Find } from "./goals";
import type { Contender } from "./Scenario";
import {
  conditions,
  HOT_DOCUMENT,
  IN_FLIGHT,
  INDEPENDENT,
  LOGGED_IN,
  nameOf,
} from "./scenarios";
import { spreadOf } from "./statistics";

/** Pages are light or dark: a chart brings its own background. */
const COLORS = { axis: "#6b7280", background: "#ffffff", text: "#1f2937" };

/** The same color in each chart, told apart without seeing red and green as well. */
const colorOf = new Map<Contender, string>([
  [native, "#9ca3af"],
  [nativeRetrying, "#4b5563"],
  [byDefault, "#0072b2"],
  [intercepting, "#56b4e9"],
  [fold, "#cc79a7"],
  [prepared, "#009e73"],
]);

const TEXT = { color: COLORS.text, fontFamily: "sans-serif", fontSize: 12 };

/** Every chart of the page, by the name of its file, without `.svg`. */
export const CHARTS = [
  "in-short",
  "independent-documents",
  "one-hot-document",
  "conditions",
] as const;

export type Charts = Readonly<Record<(typeof CHARTS)[number], string>>;

export function drawCharts(find: Find): Charts {
  return {
    conditions: drawRatios(
      find,
      [byDefault, intercepting],
      Object.keys(conditions).map((name) => ({ name, scenario: name })),
      560,
    ),
    "in-short": drawRatios(
      find,
      [byDefault, prepared, fold],
      [
        { name: LOGGED_IN, scenario: LOGGED_IN },
        { name: "the anonymous user", scenario: nameOf(INDEPENDENT, 64) },
        {
          baseline: nativeRetrying,
          name: "one document",
          scenario: nameOf(HOT_DOCUMENT, 64),
        },
      ],
      320,
    ),
    "independent-documents": drawByInFlight(
      find,
      INDEPENDENT,
      [native, byDefault, intercepting],
      native,
    ),
    "one-hot-document": drawByInFlight(
      find,
      HOT_DOCUMENT,
      [native, nativeRetrying, byDefault, intercepting, fold],
      nativeRetrying,
    ),
  };
}

/** Updates a second by number in flight; above each bar, what that is of the baseline's. */
function drawByInFlight(
  find: Find,
  part: string,
  contenders: readonly Contender[],
  baseline: Contender,
): string {
  const scenarios = IN_FLIGHT.map((inFlight) => nameOf(part, inFlight));

  return draw(440, {
    grid: { bottom: 56, left: 64, right: 24, top: 88 },
    series: contenders.map((each) =>
      bars(
        each,
        scenarios.map((name) => ({
          label:
            each === baseline
              ? ""
              : inTimes(ratioOf(find, name, each, baseline)),
          value: find(name)?.spread("goodput", each).median ?? NaN,
        })),
        "top",
      ),
    ),
    xAxis: {
      ...titled("updates in flight"),
      data: IN_FLIGHT.map(String),
      type: "category",
    },
    yAxis: {
      axisLabel: TEXT,
      name: "updates stored a second",
      nameTextStyle: { ...TEXT, align: "left", padding: [0, 0, 8, -52] },
      type: "value",
    },
  });
}

/** A row of a chart: what the plugin's updates a second are of native's. */
interface Ratios {
  readonly name: string;
  readonly scenario: string;
  readonly baseline?: Contender;
}

function drawRatios(
  find: Find,
  contenders: readonly Contender[],
  rows: readonly Ratios[],
  height: number,
): string {
  return draw(height, {
    grid: { bottom: 56, left: 176, right: 40, top: 72 },
    series: contenders.map((each, position) => ({
      ...bars(
        each,
        rows.map(({ baseline = native, scenario }) => {
          const ratio = ratioOf(find, scenario, each, baseline);
          return { label: inTimes(ratio), value: ratio };
        }),
        "right",
      ),
      ...(position === 0 && {
        markLine: {
          data: [{ xAxis: 1 }],
          label: { ...TEXT, formatter: "native", position: "start" },
          lineStyle: { color: COLORS.text },
          silent: true,
          symbol: "none",
        },
      }),
    })),
    xAxis: {
      ...titled("updates stored a second, native = 1"),
      // The line of native is there, however short the bars are.
      max: ({ max }) => (max > 1.2 ? null : 1.2),
      type: "value",
    },
    yAxis: {
      axisLabel: TEXT,
      data: rows.map(({ name }) => name),
      inverse: true,
      type: "category",
    },
  });
}

function ratioOf(
  find: Find,
  scenario: string,
  one: Contender,
  other: Contender,
): number {
  const ratios = find(scenario)?.ratios("goodput", one, other) ?? [];
  return spreadOf(ratios).median;
}

function bars(
  contender: Contender,
  data: readonly { value: number; label: string }[],
  position: "top" | "right",
): BarSeriesOption {
  return {
    barGap: "10%",
    color: String(colorOf.get(contender)),
    data: data.map(({ label, value }) => ({
      label: {
        ...TEXT,
        distance: 3,
        fontSize: 11,
        formatter: label,
        position,
        show: label !== "",
      },
      // Not measured, it has no bar.
      value: Number.isNaN(value) ? "-" : Number(value.toPrecision(3)),
    })),
    name: contender.name,
    type: "bar",
  };
}

/** Short, so that it is no wider than its bar. */
function inTimes(ratio: number): string {
  return Number.isNaN(ratio) ? "" : `${ratio.toFixed(ratio < 9.95 ? 1 : 0)}×`;
}

const titled = (name: string) => ({
  axisLabel: TEXT,
  name,
  nameGap: 32,
  nameLocation: "middle" as const,
  nameTextStyle: TEXT,
});

function draw(height: number, option: EChartsOption): string {
  const drawing = init(null, null, {
    height,
    renderer: "svg",
    ssr: true,
    width: 880,
  });
  drawing.setOption({
    animation: false,
    backgroundColor: COLORS.background,
    legend: { itemGap: 30, left: 12, textStyle: TEXT, top: 12 },
    ...option,
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();

  // Not every viewer knows the attribute.
  return svg.replaceAll('dominant-baseline="central"', 'dy="0.35em"');
}
