import { byDefault, fold, native, present } from "./contenders";
import type { Contender, Scenario } from "./Scenario";
import { plain } from "./scenarios";

/** Something that grows, and what an update costs at each of its sizes. */
export interface Growth {
  readonly name: string;
  readonly unit: string;
  readonly sizes: readonly number[];
  /** What does not grow. */
  readonly conditions: string;
  readonly scenarioOf: (size: number) => Partial<Scenario>;
  readonly contenders: readonly Contender[];
}

const powersOf10 = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => 10 ** (from + n));

const against = present(native, byDefault);

export const growths: readonly Growth[] = [
  {
    conditions: "16 in flight, all over the collection",
    contenders: against,
    name: "documents",
    scenarioOf: (count) => ({
      documents: { count, kind: "independent" },
      inFlight: 16,
    }),
    sizes: powersOf10(2, 6),
    unit: "documents in the collection",
  },
  {
    conditions: "64 in flight, on each connection in turn",
    contenders: against,
    name: "clients",
    scenarioOf: (clients) => ({ clients }),
    sizes: powersOf10(0, 3),
    unit: "connections",
  },
  {
    // More megabytes at once, and Elasticsearch with a heap of 1 GiB, as in CI, refuses them.
    conditions: "4 in flight, on 16 documents",
    contenders: against,
    name: "body",
    scenarioOf: (body) => ({
      body,
      documents: { count: 16, kind: "independent" },
      inFlight: 4,
    }),
    sizes: powersOf10(2, 6),
    unit: "bytes of the body",
  },
  {
    conditions:
      "1,000 in flight, at least two on each document: 500 documents at once at most",
    contenders: present(native, byDefault, fold),
    name: "contended documents",
    scenarioOf: (count) => ({
      documents: { count, kind: "pairs" },
      inFlight: 1_000,
    }),
    sizes: powersOf10(0, 5),
    unit: "documents that are contended",
  },
];

/** What the applications need for a thousand updates at once to be at work. */
export const environment = { kuzzle_limits__concurrentRequests: "2000" };

export const nameOf = ({ name }: Growth, size: number): string =>
  `growth of ${name}: ${size.toLocaleString("en")}`;

/** The scenario of one size. */
export function toScenario(growth: Growth, size: number): Scenario {
  return {
    ...plain,
    apart: `-${growth.name.replaceAll(" ", "-")}`,
    contenders: growth.contenders,
    name: nameOf(growth, size),
    ...growth.scenarioOf(size),
  };
}
