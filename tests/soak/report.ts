import { toTable } from "../support/markdown";
import type { Injected } from "./faultSchedule";

/** The outcome of a soak. */
export interface Outcome {
  readonly minutes: number;
  readonly acknowledged: number;
  readonly lost: number;
  /** How many updates were not acknowledged, by what the client got. */
  readonly errors: Readonly<Record<string, number>>;
  readonly faults: readonly Injected[];
  readonly alive: boolean;
  /** Bytes of the heap after a full collection. */
  readonly heapBefore: number;
  readonly heapAfter: number;
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Tells the outcome of a soak in Markdown. */
export function report({
  acknowledged,
  alive,
  errors,
  faults,
  heapAfter,
  heapBefore,
  lost,
  minutes,
}: Outcome): string {
  return `# Soak of ${minutes} min

${toTable(
  ["updates", "count"],
  [
    ["acknowledged", String(acknowledged)],
    ["found in storage", String(acknowledged - lost)],
    ["lost", String(lost)],
  ],
)}

The application ${alive ? "ran all the time" : "ended by itself"}. Heap after a full collection: ${mebibytes(heapBefore)} before, ${mebibytes(heapAfter)} after.

${toTable(
  ["not acknowledged", "count"],
  Object.entries(errors)
    .sort()
    .map(([error, count]) => [error, String(count)]),
)}

${toTable(
  ["", "fault", "for"],
  faults.map(({ from, name, to }, number) => [
    String(number + 1),
    name,
    `${((to - from) / 1000).toFixed(1)} s`,
  ]),
)}

![heap and event-loop delay](soak.svg)
`;
}
