import type {
  ApiDocumentUpdateStatsResult,
  ApiHistogram,
} from "kuzzle-plugin-document-update";

import type { Client } from "./Client";
import { byId, element } from "./elements";
import { errorReference } from "./errorLink";
import { fine, numbers } from "./numbers";

const REFRESH_MS = 2_000;

/** The figures of the node that this page is connected to. */
export class NodePanel {
  readonly #client: () => Client | undefined;

  /** @param client of the page's connection, while there is one */
  constructor(client: () => Client | undefined) {
    this.#client = client;
    setInterval(() => {
      if (!document.hidden) {
        void this.refresh();
      }
    }, REFRESH_MS);
    this.#show(undefined);
  }

  /** Reads them now. */
  async refresh(): Promise<void> {
    const figures = await this.#client()
      ?.documentUpdate.stats()
      .catch(() => undefined);
    if (figures) {
      this.#show(figures);
    }
  }

  #show(figures: ApiDocumentUpdateStatsResult | undefined): void {
    const failures = Object.entries(figures?.failures ?? {});
    const failed = failures.reduce((sum, [, count]) => sum + count, 0);
    const told: readonly (readonly [string, string])[] = [
      ["Node", figures?.node ?? "–"],
      ["Updates", number(figures?.updates)],
      ["Failures", number(figures && failed)],
      ["Conflicts", number(figures?.conflicts)],
      ["Sent again", number(figures?.retries)],
      ["Updates per request", fine(meanOf(figures?.batches))],
      ["Updates per fold", fine(meanOf(figures?.folds))],
      ["Longest queue of a document", number(figures?.queues.longestEver)],
      ["Mean write, ms", fine(meanOf(figures?.writeDuration) * 1_000)],
    ];
    byId("stats").replaceChildren(
      ...told.map(([name, value]) =>
        element("div", {}, element("dt", {}, name), element("dd", {}, value)),
      ),
    );
    showFailures(failures);
    drawHistogram("batches", figures?.batches, countRange);
    drawHistogram("folds", figures?.folds, countRange);
    drawHistogram("delegate", figures?.writeDuration, durationRange);
  }
}

/** Shows the failures by the ids of their errors, the most frequent first. */
function showFailures(failures: readonly (readonly [string, number])[]): void {
  const parts = [...failures]
    .sort(([, one], [, other]) => other - one)
    .flatMap(([id, count], position) => [
      position === 0 ? "Failed with " : ", ",
      errorReference(id),
      `: ${numbers(count)}`,
    ]);
  byId("failures").replaceChildren(
    ...(parts.length > 0 ? parts : ["No update has failed"]),
    ".",
  );
}

function number(value: number | undefined): string {
  return value === undefined ? "–" : numbers(value);
}

function meanOf(histogram: ApiHistogram | undefined): number {
  return histogram && histogram.count > 0
    ? histogram.sum / histogram.count
    : NaN;
}

/** Names a range of whole numbers. */
function countRange(above: number, upTo: number): string {
  const from = above + 1;
  if (upTo === Infinity) {
    return `over ${above}`;
  }

  return from === upTo ? String(from) : `${from}–${upTo}`;
}

/** Names a range of durations, in ms. */
function durationRange(above: number, upTo: number): string {
  const from = fine(above * 1_000);

  return upTo === Infinity ? `over ${from}` : `${from}–${fine(upTo * 1_000)}`;
}

/** Draws how many values were in each bucket: above the bound before it, up to its own. */
function drawHistogram(
  id: string,
  histogram: ApiHistogram | undefined,
  rangeOf: (above: number, upTo: number) => string,
): void {
  const host = byId(id);
  let above = 0;
  let below = 0;
  const bars = (histogram?.buckets ?? []).map(({ count: upTo, le }) => {
    const bound = le === "+Inf" ? Infinity : le;
    const range = rangeOf(above, bound);
    const count = upTo - below;
    [above, below] = [bound, upTo];
    return { count, range };
  });
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const list = element("ol", { "aria-labelledby": `${id}-title` });
  for (const { count, range } of bars) {
    const bar = element("span", { class: "bar" });
    bar.style.setProperty("--share", String(count / most));
    list.append(
      element(
        "li",
        {},
        element("span", { class: "range" }, range),
        bar,
        element("span", { class: "count" }, numbers(count)),
      ),
    );
  }
  host.replaceChildren(list);
}
