import { format } from "prettier";

import { fileOf } from "./charts";
import type { Comparison } from "./Comparison";
import type { Effort } from "./compare";
import type { Find } from "./goals";
import { growths } from "./growth";
import type { Platform } from "./platform";
import { families } from "./scenarios";
import { comparisonTable, goalTable, growthTable } from "./tables";

/** What a page is written from. */
export interface Results {
  readonly comparisons: readonly Comparison[];
  readonly find: Find;
  readonly effort: Effort;
  readonly growthEffort: Effort;
  readonly platform: Platform;
  /** Written by hand, in Markdown: its headings are of the third level. */
  readonly findings: string;
  /** Table of what lanes cost by themselves; "" where it was not measured. */
  readonly lanesAlone: string;
  /** Folder of the charts, from where the page is. */
  readonly charts: string;
}

/** The page of a run, in Markdown. */
export async function toPage(results: Results): Promise<string> {
  const { effort, find, findings, growthEffort, platform } = results;
  const text = `# Benchmarks

What an update through the plugin costs beside a native one: \`npm run bench\` measures it and writes this page, with all its figures. It judges no time, but it fails when an acknowledged update is not stored, or when one fails that should not.

## Goals

${goalTable(find)}

The median of the rounds, and in brackets the least and the greatest.

## Findings

${findings}

## Method

- Three Kuzzle applications are up on one Elasticsearch and one Redis, all on one machine with the client that loads them: Kuzzle with the two handlers that the plugin is compared with, Kuzzle with the plugin, and Kuzzle with the plugin and \`interceptNative\`. One of them is under load at a time. Limits are Kuzzle's own: of 256 in flight, 100 are at work (\`limits.concurrentRequests\`); growth was measured with 2,000, and with lanes that wait for 60 s (\`lane.maxWait\`).
- Contenders take turns of ${effort.seconds} s, in another order each round. Rounds that count: ${effort.rounds} (of growth: ${growthEffort.rounds}); one before them warms up. A ratio is that of two turns of one round. The first line of a table has the medians of what it was measured at, for orientation; they tell of this machine more than of Kuzzle. Compare ratios, not those figures.
- Each of the updates in flight writes a growing number to a field of its own. After a turn, the documents are read from Elasticsearch itself: that field must have the last number that was acknowledged, and where each update is a write, the document's version must have grown by as many. \`lost\` counts what is missing.
- Goodput is what was acknowledged and stored, a second; p50, p95 and p99 are of acknowledged updates; CPU is that of the Kuzzle process for an acknowledged update; heap is what a full collection after the turn leaves. Failures of native, and of the handlers that leave conflicts to it, are version conflicts.
- Unless a table says otherwise: WebSocket, one connection, the anonymous user, 16 in flight, changes of about 100 B, no subscriber, no pipe. Checking a token costs Kuzzle about as much as all the rest of an update, with every contender: it would make ratios look better than they are.
- The naive plugin is what one would write in ten lines: the embedded SDK, on behalf of the user. The barest handler leaves out the user and every argument: the floor under any plugin that delegates.

${platform.map(([name, value]) => `- ${name}: ${value}`).join("\n")}

${partsOf(results)}

${growthOf(results)}
`;

  return format(text, { parser: "markdown" });
}

function partsOf({ charts, comparisons }: Results): string {
  const grown = comparisons.filter(({ scenario }) => scenario.part !== "");
  const parts = new Set(grown.map(({ scenario }) => scenario.part));

  return [...parts]
    .map((part) => {
      const chart = families.some(({ name }) => name === part)
        ? `![${part}](${charts}/${fileOf(part)}.svg)\n\n`
        : "";
      const tables = grown
        .filter(({ scenario }) => scenario.part === part)
        .map(
          (comparison) =>
            `### ${titled(comparison.scenario.name)}\n\n${comparisonTable(comparison)}`,
        );
      return `## ${titled(part)}\n\n${chart}${tables.join("\n\n")}`;
    })
    .join("\n\n");
}

function growthOf({ charts, comparisons, find, lanesAlone }: Results): string {
  const measured = growths.filter(({ name }) =>
    comparisons.some(({ scenario }) => scenario.apart === `-${name}`),
  );
  if (measured.length === 0) {
    return "";
  }
  const tables = measured.map(
    (growth) =>
      `### ${titled(growth.name)}\n\n${titled(growth.conditions)}.\n\n${growthTable(growth, find)}`,
  );

  return `## Growth

CPU of the Kuzzle process for an acknowledged update, in µs. Where cost = c · sizeᵏ, the exponent is k: 0 does not grow, 1 is proportional.

![growth](${charts}/growth.svg)

${tables.join("\n\n")}

### Lanes alone

Three updates of each of as many documents at once, folded, in a process without Kuzzle and with storage that costs nothing.

${lanesAlone}`;
}

const titled = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
