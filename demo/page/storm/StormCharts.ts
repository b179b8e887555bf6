import uPlot from "uplot";

import { byId, element } from "../elements";

const HEIGHT = 200;
/** Times that are shown before there are others, in s. */
const EMPTY = [0, 2];
/** Line of each way: the first is what the others are compared with. */
const lines = [
  { colour: "--line-1", dash: [6, 4] },
  { colour: "--line-2", dash: [] },
  { colour: "--line-3", dash: [2, 3] },
  { colour: "--line-4", dash: [8, 3, 2, 3] },
] as const;

const charts = [
  "Stored updates",
  "Failed updates",
  "Latency (p95), ms",
] as const;

/** One sample of a way: a value for each chart. */
export type Sample = readonly [
  stored: number,
  failed: number,
  latency: number | null,
];

/** The live charts: a line for each way, over the time since that way began. */
export class StormCharts {
  readonly #host = byId("charts");
  readonly #legend = byId("storm-legend");
  readonly #interval: number;
  /** Shows nothing: it is asked what the colours of the page are. */
  readonly #probe = element("span", { hidden: "" });
  #plots: uPlot[] = [];
  #samples: Sample[][] = [];

  /** @param interval between two samples, in ms */
  constructor(interval: number) {
    this.#interval = interval;
    this.#legend.after(this.#probe);
    new ResizeObserver(() => this.#resize()).observe(this.#host);
  }

  /** Begins anew, with a line for each of these ways. */
  begin(labels: readonly string[]): void {
    this.#samples = labels.map(() => []);
    this.#legend.replaceChildren(
      ...labels.map((label, position) =>
        element("li", { class: `line-${position + 1}` }, label),
      ),
    );
    for (const plot of this.#plots) {
      plot.destroy();
    }
    this.#plots = [];
    this.#host.replaceChildren();
    for (const title of charts) {
      const drawing = element("div", {
        "aria-label": `${title}, over time. The figures are in the results below.`,
        class: "drawing",
        role: "img",
      });
      this.#host.append(
        element("figure", {}, element("figcaption", {}, title), drawing),
      );
      this.#plots.push(
        new uPlot(
          this.#options(labels),
          [EMPTY, ...labels.map(() => [null, null])],
          drawing,
        ),
      );
    }
    this.#resize();
  }

  /** Adds a sample of one way. */
  add(way: number, sample: Sample): void {
    this.#samples[way]?.push(sample);
    const length = Math.max(...this.#samples.map((each) => each.length));
    const times = Array.from(
      { length },
      (_, position) => (position * this.#interval) / 1_000,
    );
    for (const [chart, plot] of this.#plots.entries()) {
      plot.setData([
        times,
        ...this.#samples.map((samples) =>
          times.map((_, position) => samples[position]?.[chart] ?? null),
        ),
      ]);
    }
  }

  /** Draws again, such as in other colours. */
  redraw(): void {
    for (const plot of this.#plots) {
      plot.redraw(false, true);
    }
  }

  #options(labels: readonly string[]): uPlot.Options {
    const axis: uPlot.Axis = {
      font: "12px Inter, system-ui, sans-serif",
      grid: { stroke: () => this.#colour("--border"), width: 1 },
      stroke: () => this.#colour("--muted"),
      ticks: { show: false },
    };

    return {
      axes: [
        {
          ...axis,
          size: 28,
          values: (_, splits) => splits.map((each) => `${each} s`),
        },
        {
          ...axis,
          size: 52,
          values: (_, splits) =>
            splits.map((each) => each.toLocaleString("en")),
        },
      ],
      cursor: { show: false },
      height: HEIGHT,
      legend: { show: false },
      padding: [10, 18, 0, 0],
      scales: {
        x: { range: (_, __, max) => [0, Math.max(max, 1)], time: false },
        y: { range: (_, __, max) => [0, Math.max(max * 1.05, 10)] },
      },
      series: [
        {},
        ...labels.map((label, position): uPlot.Series => {
          const line = lines[position % lines.length] ?? lines[0];
          return {
            dash: [...line.dash],
            label,
            points: { show: false },
            spanGaps: true,
            stroke: () => this.#colour(line.colour),
            width: 2,
          };
        }),
      ],
      width: 300,
    };
  }

  #resize(): void {
    for (const plot of this.#plots) {
      const { clientWidth } = plot.root.parentElement ?? plot.root;
      if (clientWidth > 0) {
        plot.setSize({ height: HEIGHT, width: clientWidth });
      }
    }
  }

  /** A canvas takes colours, and no variables of CSS. */
  #colour(variable: string): string {
    this.#probe.style.color = `var(${variable})`;

    return getComputedStyle(this.#probe).color;
  }
}
