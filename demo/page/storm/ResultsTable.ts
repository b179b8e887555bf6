import { byId, element } from "../elements";
import { fine, numbers } from "../numbers";
import type { Figures } from "./Ledger";
import { ratioOf } from "./verdict";

const NONE = "–";
/** Of each way, after its name. */
const COLUMNS = 9;

/** The figures of a storm: a row for each way. */
export class ResultsTable {
  readonly #body = byId("results-body");

  /** Begins anew, with an empty row for each of these ways. */
  begin(labels: readonly string[]): void {
    this.#body.replaceChildren(
      ...labels.map((label) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, label),
          ...Array.from({ length: COLUMNS }, () => element("td", {}, NONE)),
        ),
      ),
    );
  }

  /**
   * Fills the row of a way.
   *
   * @param base figures of the way that it is compared with, once both are known
   */
  fill(way: number, figures: Figures, base?: Figures): void {
    const { failed, outOfOrder, overwritten, perSecond, stored } = figures;
    const ratio = base ? ratioOf(figures, base) : NaN;
    const isBad = "bad";
    const cells: readonly (readonly [text: string, name: string])[] = [
      [numbers(stored), ""],
      [numbers(failed), failed > 0 ? isBad : ""],
      [
        overwritten === undefined ? NONE : numbers(overwritten),
        (overwritten ?? 0) > 0 ? isBad : "",
      ],
      [numbers(outOfOrder), outOfOrder > 0 ? `order ${isBad}` : "order"],
      [numbers(perSecond), ""],
      [Number.isFinite(ratio) ? `× ${ratio.toFixed(1)}` : NONE, "ratio"],
      ...[figures.p50, figures.p95, figures.p99].map(
        (latency) => [`${fine(latency)} ms`, ""] as const,
      ),
    ];
    const shown = this.#body.children[way]?.querySelectorAll("td") ?? [];
    for (const [position, cell] of [...shown].entries()) {
      const [text = NONE, name = ""] = cells[position] ?? [];
      cell.textContent = text;
      cell.className = name;
    }
  }
}
