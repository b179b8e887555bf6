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

How the figures of [the benchmarks](../benchmarks.md) came about, and all of them.

## Contenders

- \`native\`: \`document:update\` in a Kuzzle without the plugin; \`native, 50 retries\`: with \`retryOnConflict: 50\` in each request.
- \`plugin, default\`: \`document-update:update\`, with no configuration.
- \`plugin, intercepting\`: native requests, with \`interceptNative: true\`.
- \`native, batched\`: native requests, with \`batchWrites: "application"\` and no interception.
- \`plugin, fold\`: \`document-update:update\`, with \`fold\` for the collection.
- \`plugin, not batched\`: \`document-update:update\`, with \`batchWrites: false\`.
- \`naive plugin\`: what one would write in ten lines: the embedded SDK, on behalf of the user.
- \`barest handler\`: the same without the user and every argument: the floor under any plugin that delegates and does not batch.
- \`plugin, guarded\`: \`document-update:update\`, where \`guards\` has a \`readOnly\` field for every collection, which no update names.
- \`plugin, ifVersion\`: \`document-update:update\`, each with the version that its client was last told, which the node remembers after the first update of the document.
- \`plugin, modify\`: \`document-update:modify\` with \`operators: { increment: { n: 1 } }\`, with no configuration; \`plugin, modify, folded\`: with \`fold\` for the collection.
- \`get, and ifVersion\`: what a client can do by itself to count up: \`document:get\`, \`document-update:update\` with \`ifVersion\`, and both again after a 412.
- \`scripted update, 50 retries\`: \`ctx._source.n += params.by\` with \`retry_on_conflict: 50\`, sent by an action that does nothing else: no rights, no events, no validation, no metadata, no notification.

## Method

- Each configuration has a Kuzzle application of its own. All are up on one Elasticsearch and one Redis, on one machine with the clients that load them; one is under load at a time. Limits are Kuzzle's own: of 256 in flight, 100 are at work (\`limits.concurrentRequests\`); growth was measured with 2,000.
- Contenders take turns of ${effort.seconds} s, in another order each round. Rounds that count: ${effort.rounds} (of growth: ${growthEffort.rounds}); one before them warms up. A ratio is that of two turns of one round: the median of the rounds, and in brackets the least and the greatest. The first line of a table has the medians of what it was measured at.
- Each of the updates in flight writes a growing number to a field of its own. After a turn, the documents are read from Elasticsearch itself: that field must have the last number that was acknowledged, and where each update is a write, the document's version must have grown by as many. \`lost\` counts what is missing; of a counter, by how much it is off the number of acknowledged increments. A run fails when an acknowledged update is not stored, or when one fails that should not; it judges no time.
- Goodput is what was acknowledged and stored, a second; p50, p95 and p99 are of acknowledged updates; CPU is that of the Kuzzle process for an acknowledged update; heap is what a full collection after the turn leaves. Failures of native, and of the handlers that leave conflicts to it, are version conflicts.
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

CPU of the Kuzzle process for an acknowledged update, in µs. Where cost = c · sizeᵏ, the exponent is k: 0 does not grow, 1 is proportional.

${tables.join("\n\n")}`;
}

const titled = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
