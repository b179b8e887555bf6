import { fine, numbers } from "../numbers";
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

/** A part of a sentence: plain text, what it is about, or what an error is called. */
export type SentencePart =
  string | { readonly error: string } | { readonly strong: string };

export type Sentence = readonly SentencePart[];

const verbs: Readonly<Record<StormKind, string>> = {
  counter: "counted",
  measure: "took",
  update: "stored",
};
const nouns: Readonly<Record<StormKind, string>> = {
  counter: "increments",
  measure: "payloads",
  update: "updates",
};

/** Says what happened, in a sentence for each way. The first way is what the others are compared with. */
export function verdict(results: readonly Result[]): readonly Sentence[] {
  const [first] = results;

  return results.map((result) => [
    ...kept(result),
    ...failed(result),
    ...overwritten(result),
    ...outOfOrder(result),
    ...(result === first ? [] : faster(result, first)),
    ...answered(result),
    ".",
  ]);
}

function kept({ figures, kind, name, updates }: Result): Sentence {
  const count =
    kind === "measure"
      ? figures.stored
      : figures.stored - (figures.overwritten ?? 0);
  const subject = {
    strong: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
  };

  return count === updates
    ? [
        subject,
        ` ${verbs[kind]} `,
        { strong: `all ${numbers(updates)}` },
        ` ${nouns[kind]}`,
      ]
    : [
        subject,
        ` ${verbs[kind]} `,
        { strong: numbers(count) },
        ` of ${numbers(updates)} ${nouns[kind]}`,
      ];
}

function failed({ figures }: Result): Sentence {
  const { errors, failed: count } = figures;
  const [most] = [...errors].sort(([, one], [, other]) => other - one);
  if (count === 0 || most === undefined) {
    return [];
  }

  return [
    "; ",
    { strong: `${numbers(count)} failed` },
    errors.size > 1 ? ", most with " : " with ",
    { error: most[0] },
  ];
}

function overwritten({
  figures: { overwritten: count = 0 },
  kind,
}: Result): Sentence {
  if (kind === "measure") {
    const measures = count === 1 ? "measure" : "measures";
    return count === 0
      ? ["; no measure is stale"]
      : ["; ", { strong: `${numbers(count)} ${measures}` }, " stale"];
  }

  return count === 0
    ? []
    : [
        "; ",
        { strong: numbers(count) },
        ` ${were(count)} acknowledged, and overwritten by another client`,
      ];
}

/** Increments may change places: the count is the same. */
function outOfOrder({
  figures: { outOfOrder: count },
  kind,
}: Result): Sentence {
  return count === 0 || kind !== "update"
    ? []
    : ["; ", { strong: numbers(count) }, ` ${were(count)} stored out of order`];
}

/** A client that overwrites others is not slow: what it keeps says nothing about how soon it is answered. */
function answered({
  figures: { answeredPerSecond, p50 },
  kind,
}: Result): Sentence {
  return kind !== "update" && Number.isFinite(p50)
    ? [
        `; ${numbers(answeredPerSecond)} answered a second, median latency ${fine(p50)} ms`,
      ]
    : [];
}

function were(count: number): string {
  return count === 1 ? "was" : "were";
}

function faster({ figures }: Result, first: Result | undefined): Sentence {
  const ratio = first ? ratioOf(figures, first.figures) : NaN;

  return Number.isFinite(ratio) && figures.stored > 0
    ? [
        ", ",
        { strong: `${ratio.toFixed(1)} times` },
        ` as many per second as ${first?.name}`,
      ]
    : [];
}

/** Returns how many updates a way keeps per second for each one that another keeps. */
export function ratioOf(figures: Figures, base: Figures): number {
  return keptPerSecond(figures) / keptPerSecond(base);
}

/** What was overwritten is not kept. */
function keptPerSecond({
  overwritten: lost = 0,
  perSecond,
  stored,
}: Figures): number {
  return stored > 0 ? (perSecond * (stored - lost)) / stored : 0;
}
