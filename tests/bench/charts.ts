import { type EChartsOption, init } from "echarts";

import type { Metric } from "./Comparison";
import type { Find } from "./goals";
import { type Growth, growths, nameOf as nameOfGrowth } from "./growth";
import { families, IN_FLIGHT, nameOf } from "./scenarios";
import { spreadOf } from "./statistics";

const SIZE = { height: 460, width: 1_000 };

/** The line that the others' bars are read against. */
const NATIVE = {
  data: [{ yAxis: 1 }],
  label: { formatter: "native" },
  lineStyle: { color: "#333" },
  silent: true,
  symbol: "none",
};

/** A chart by the name of its file, without `.svg`. */
export type Charts = Readonly<Record<string, string>>;

/** One of each family of documents, and one of what growth costs. */
export function drawCharts(find: Find): Charts {
  return {
    ...Object.fromEntries(
      families.map((family) => [fileOf(family.name), drawFamily(family, find)]),
    ),
    growth: drawGrowths(find),
  };
}

export const fileOf = (family: string): string => family.replaceAll(" ", "-");

/** Goodput above, CPU for an update below, both as ratios to native's, by number in flight. */
function drawFamily(
  { contenders, name }: (typeof families)[number],
  find: Find,
): string {
  const bars = (metric: Metric, axis: number) =>
    contenders.slice(1).map((contender, position) => ({
      data: IN_FLIGHT.map((inFlight) => {
        const ratios = find(nameOf(name, inFlight))?.ratios(metric, contender);
        return toNumber(spreadOf(ratios ?? []).median);
      }),
      ...(position === 0 && { markLine: NATIVE }),
      name: contender.name,
      type: "bar" as const,
      xAxisIndex: axis,
      yAxisIndex: axis,
    }));

  return draw({
    grid: [
      { bottom: 50, left: 60, right: "53%", top: 80 },
      { bottom: 50, left: "53%", right: 60, top: 80 },
    ],
    legend: { itemGap: 24, top: 0, width: 760 },
    series: [...bars("goodput", 0), ...bars("cpu", 1)],
    xAxis: [0, 1].map((gridIndex) => ({
      data: IN_FLIGHT.map(String),
      gridIndex,
      name: "updates in flight",
      nameGap: 28,
      nameLocation: "middle" as const,
      type: "category" as const,
    })),
    yAxis: ["goodput, native = 1", "CPU for an update, native = 1"].map(
      (title, gridIndex) => ({
        gridIndex,
        name: title,
        nameTextStyle: { align: "left" as const },
        type: "value" as const,
      }),
    ),
  });
}

/** CPU for an update over size, both axes logarithmic: the slope is the exponent. */
function drawGrowths(find: Find): string {
  const share = 100 / growths.length;
  const lines = growths.flatMap((growth, axis) =>
    growth.contenders.map((contender) => ({
      data: pointsOf(growth, find, (comparison) =>
        comparison.spread("cpu", contender),
      ),
      name: contender.name,
      type: "line" as const,
      xAxisIndex: axis,
      yAxisIndex: axis,
    })),
  );

  return draw({
    grid: growths.map((_, position) => ({
      bottom: 50,
      left: `${position * share + 5}%`,
      top: 80,
      width: `${share - 7}%`,
    })),
    legend: { itemGap: 24, top: 0, width: 760 },
    series: lines,
    xAxis: growths.map(({ unit }, gridIndex) => ({
      gridIndex,
      name: unit,
      nameGap: 28,
      nameLocation: "middle" as const,
      type: "log" as const,
    })),
    yAxis: growths.map((_, gridIndex) => ({
      gridIndex,
      name: "µs CPU",
      type: "log" as const,
    })),
  });
}

function pointsOf(
  growth: Growth,
  find: Find,
  spread: (comparison: NonNullable<ReturnType<Find>>) => { median: number },
): [number, number][] {
  return growth.sizes.flatMap((size): [number, number][] => {
    const comparison = find(nameOfGrowth(growth, size));
    return comparison ? [[size, toNumber(spread(comparison).median)]] : [];
  });
}

const toNumber = (value: number) => Number(value.toPrecision(3));

function draw(option: EChartsOption): string {
  const drawing = init(null, null, { renderer: "svg", ssr: true, ...SIZE });
  drawing.setOption({ animation: false, ...option });
  const svg = drawing.renderToSVGString();
  drawing.dispose();

  return svg;
}
