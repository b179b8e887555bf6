import { init } from "echarts";

import type { Injected } from "./faultSchedule";
import type { Sample } from "./Vitals";

const SIZE = { height: 520, width: 1_000 };

/** Draws the heap and the delay of the event loop over time, with the faults in the background. */
export function chart(
  samples: readonly Sample[],
  faults: readonly Injected[],
  start: number,
): string {
  const seconds = (at: number) => (at - start) / 1000;
  const drawing = init(null, null, { renderer: "svg", ssr: true, ...SIZE });
  const series = (
    name: string,
    axis: number,
    valueOf: (sample: Sample) => number,
  ) => ({
    data: samples.map((sample) => [seconds(sample.at), valueOf(sample)]),
    markArea: {
      data: faults.map(({ from, to }, number) => [
        // The number of its row in the report.
        { name: String(number + 1), xAxis: seconds(from) },
        { xAxis: Math.max(seconds(to), seconds(from) + 0.5) },
      ]),
      itemStyle: { opacity: 0.15 },
      label: { position: "insideTop" },
    },
    name,
    showSymbol: false,
    type: "line",
    xAxisIndex: axis,
    yAxisIndex: axis,
  });

  drawing.setOption({
    animation: false,
    grid: [
      { bottom: "57%", top: 50 },
      { bottom: 50, top: "57%" },
    ],
    legend: {},
    series: [
      series("heap (MiB)", 0, ({ heapUsed }) => heapUsed / 2 ** 20),
      series(
        "event-loop delay, p99 of each second (ms)",
        1,
        ({ eventLoopDelay }) => eventLoopDelay,
      ),
    ],
    xAxis: [
      { gridIndex: 0, type: "value" },
      { gridIndex: 1, name: "s", type: "value" },
    ],
    yAxis: [
      { gridIndex: 0, name: "MiB", type: "value" },
      { gridIndex: 1, name: "ms", type: "value" },
    ],
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();

  return svg;
}
