import { format } from "prettier";

import type { Comparison } from "./Comparison";
import type { Effort } from "./compare";
import type { Find } from "./goals";
import { growths, nameOf } from "./growth";
import { auditTable, comparisonTable, growthTable } from "./tables";

/** What all figures of a run are written from. */
export interface Results {
  readonly comparisons: readonly Comparison[];
  readonly find: Find;
  readonly effort: Effort;
  readonly growthEffort: Effort;
  /** Written by hand, in Markdown: its headings are of the third level. */
  readonly findings: string;
}

/** All figures of a run, in Markdown. */
export async function toDetails(results: Results): Promise<string> {
  const { comparisons, effort, find, findings, growthEffort } = results;
  const text = `# Benchmarks: details

The method and all figures of [the benchmarks](../benchmarks.md).

## Contenders

- \`native\`: \`document:update\` in a Kuzzle without the plugin; \`native, 50 retries\`: with \`retryOnConflict: 50\` in each request.
- \`plugin, default\`: \`document-update:update\`, with no configuration.
- \`plugin, prepareJwtKey\`: the same with \`prepareJwtKey: true\`; all others have Kuzzle's own key.
- \`plugin, intercepting\`: plain native requests, with \`interceptNative: true\`.
- \`plugin, fold\`: \`document-update:update\`, with \`fold\` for the collection.
- \`plugin, not batched\`: \`document-update:update\`, with \`batchWrites: false\`.
- \`naive plugin\`: a plugin of ten lines that calls the embedded SDK on behalf of the user.
- \`barest handler\`: the same without the user and without options: the lowest cost of any plugin that calls the embedded SDK and does not batch.
- \`plugin, guarded\`: \`document-update:update\`, with a \`readOnly\` field in \`guards\` for every collection; no update names that field.
- \`plugin, ifVersion\`: \`document-update:update\`, each with the version from the last answer. After the first update of a document, the node knows its version.
- \`plugin, modify\`: \`document-update:modify\` with \`operators: { increment: { n: 1 } }\`, with no configuration; \`plugin, modify, folded\`: with \`fold\` for the collection.
- \`get, and ifVersion\`: what a client can do itself to increment a counter: \`document:get\`, then \`document-update:update\` with \`ifVersion\`, and both again after a 412.
- \`read, change, write under a Mutex\`: server code that reads the asset, sets the measures of a payload that are newer, and writes it back, all with Kuzzle's \`Mutex\` locked; \`read, change, write\`: the same without it.
- \`plugin, modify with steps\` and \`plugin, updateWith\`: server code that stores the same measures with the plugin, without events, as the others. \`plugin, modify with steps, folded\`: the devices send the steps themselves, with \`fold\` for the collection.
- \`scripted update, 50 retries\`: \`ctx._source.n += params.by\` with \`retry_on_conflict: 50\`, sent by an action that does nothing else: no rights, events, validation, metadata or notifications.

## Method

- Each configuration runs in its own Kuzzle application. All applications share one Elasticsearch and one Redis, on one machine with the clients. One application is under load at a time. Kuzzle's limits have their defaults: of 256 requests in flight, Kuzzle processes 100 at a time (\`limits.concurrentRequests\`). For the growth measurements that limit is 2,000.
- Contenders take turns of ${effort.seconds} s, in a different order each round. Measured rounds: ${effort.rounds} (of growth: ${growthEffort.rounds}); one more round before them warms up. Ratios compare two turns of the same round: the tables have the median of all rounds, and in brackets the minimum and maximum. The first line of a table has the medians of the measured values.
- Each of the updates in flight has its own field, and writes increasing numbers to it. After a turn, the documents are read from Elasticsearch directly: each field must have the last acknowledged number, and if each update is a write of its own, the document's version must have increased by the number of acknowledged updates. \`lost\` counts what is missing; for a counter, the difference from the number of acknowledged increments. A run fails if an acknowledged update is not stored, or if an update fails that should not. It does not judge speed.
- Of 64 devices, each sends a payload of three measures at once with all others, not in the order of time, and the next one when all are answered. \`stale measures\` is the number of measures that are older in the asset, after a turn, than the newest that was sent, or missing: the median of the rounds, of 129. A run fails if there is one, except without the \`Mutex\`.
- Goodput is the number of updates acknowledged and stored per second. p50, p95 and p99 are latencies of acknowledged updates. CPU is the CPU time of the Kuzzle process per acknowledged update. Heap is the heap after a full garbage collection at the end of the turn. Failures of native, and of handlers that do not retry, are version conflicts.
- Unless a table says otherwise: WebSocket, one connection, the anonymous user, 64 in flight, changes of about 100 B, no subscriber, no pipe, no specification.

## Findings

${findings}

${partsOf(comparisons, find)}

${growthOf(find)}
`;

  return format(text, { parser: "markdown" });
}

function partsOf(comparisons: readonly Comparison[], find: Find): string {
  const compared = comparisons.filter(({ scenario }) => scenario.part !== "");
  const parts = new Set(compared.map(({ scenario }) => scenario.part));

  return [...parts]
    .map((part) => {
      const tables = compared
        .filter(({ scenario }) => scenario.part === part)
        .map((comparison) => section(comparison, find));
      return `## ${titled(part)}\n\n${tables.join("\n\n")}`;
    })
    .join("\n\n");
}

function section(comparison: Comparison, find: Find): string {
  const { audited, name } = comparison.scenario;
  const audit = audited
    ? `One connection sends the updates, another is notified of them. Of all rounds:\n\n${auditTable(find)}\n\n`
    : "";

  return `### ${titled(name)}\n\n${audit}${comparisonTable(comparison)}`;
}

function growthOf(find: Find): string {
  const tables = growths
    .filter((growth) => growth.sizes.some((size) => find(nameOf(growth, size))))
    .map(
      (growth) =>
        `### ${titled(growth.name)}\n\n${titled(growth.conditions)}.\n\n${growthTable(growth, find)}`,
    );

  return tables.length === 0
    ? ""
    : `## Growth

CPU time of the Kuzzle process per acknowledged update, in µs. If cost = c · sizeᵏ, the exponent is k: with 0 the cost does not grow, with 1 it grows in proportion.

${tables.join("\n\n")}`;
}

const titled = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
