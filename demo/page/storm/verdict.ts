import { numbers } from "../numbers";
import type { Figures } from "./Ledger";
import type { StormKind } from "./StormKind";

/** What came of one way. */
export interface Result {
  readonly figures: Figures;
  readonly kind: StormKind;
  /** What the way is called in a sentence. */
  readonly name: string;
  /** How many updates it was given. */
  readonly updates: number;
}

/** Says in sentences what happened. The first way is what the others are compared with. */
export function verdict(results: readonly Result[]): string {
  const [first] = results;

  return results
    .map((result) => {
      const sentence = `${told(result)}${result === first ? "" : rate(result, first)}.`;
      return sentence.charAt(0).toUpperCase() + sentence.slice(1);
    })
    .join(" ");
}

function told({ figures, kind, name, updates }: Result): string {
  const { errors, failed, outOfOrder, overwritten = 0, stored } = figures;
  const done = kind === "counter" ? "counted" : "stored";
  const kept = stored - overwritten;
  const parts = [
    kept === updates
      ? `${name} ${done} all ${numbers(updates)} updates`
      : `${name} ${done} ${numbers(kept)} of ${numbers(updates)} updates`,
  ];
  if (failed > 0) {
    const [most] = [...errors].sort(([, one], [, other]) => other - one);
    const share = errors.size > 1 ? "most with" : "with";
    parts.push(`${numbers(failed)} failed, ${share} ${most?.[0] ?? ""}`);
  }
  if (overwritten > 0) {
    parts.push(
      `${numbers(overwritten)} were acknowledged, and overwritten by another client`,
    );
  }
  if (outOfOrder > 0) {
    parts.push(`${numbers(outOfOrder)} were stored out of order`);
  }

  return parts.join("; ");
}

function rate({ figures }: Result, first: Result | undefined): string {
  const ratio = first ? ratioOf(figures, first.figures) : NaN;

  return Number.isFinite(ratio) && figures.stored > 0
    ? `, ${ratio.toFixed(1)} times as many a second as ${first?.name}`
    : "";
}

/** Returns how many updates a way keeps a second for each one that another keeps. */
export function ratioOf(figures: Figures, base: Figures): number {
  return keptPerSecond(figures) / keptPerSecond(base);
}

/** What was overwritten is not kept. */
function keptPerSecond({
  overwritten = 0,
  perSecond,
  stored,
}: Figures): number {
  return stored > 0 ? (perSecond * (stored - overwritten)) / stored : 0;
}
