import { format } from "prettier";

import { toTable } from "../support/markdown";
import {
  byDefault,
  changedWith,
  elasticsearchBulk,
  elasticsearchUpdate,
  fold,
  guarded,
  ifVersion,
  intercepting,
  modify,
  modifyFolded,
  native,
  nativeRetrying,
  prepared,
  readModifyWrite,
  scripted,
  separate,
  serverNow,
  steps,
  withoutMutex,
} from "./contenders";
import type { Find } from "./goals";
import type { Platform } from "./platform";
import type { Contender } from "./Scenario";
import {
  ASSET,
  conditions,
  COUNTER,
  GUARD,
  HOT_DOCUMENT,
  IF_VERSION,
  IN_FLIGHT,
  INDEPENDENT,
  LIMITS,
  LOGGED_IN,
  nameOf,
} from "./scenarios";
import { type Spread, spreadOf } from "./statistics";
import { failedShare, NONE, significant } from "./tables";

const HANGING = "if a request to storage hangs, all updates in it wait";

/** What a user wants to know: modes, charts, what a node takes, the machine. In Markdown. */
export async function toPage(find: Find, platform: Platform): Promise<string> {
  const text = `# Benchmarks

What the plugin gains compared with native \`document:update\`, and what it costs. \`npm run bench\` wrote this page: it measured native and each mode in turns, on one machine. "2 ×" means twice native's value; all ratios are medians of the rounds.

![the updates a second of the plugin, native being 1](benchmarks/in-short.svg)

${modeTable(find)}

- All gains are with 64 updates in flight, unless the table says otherwise.
- On one document, native is native with \`retryOnConflict: 50\`, of which ${failing(find, nativeRetrying)}. Without retries, ${failing(find, native)}.

## Updates of different documents

![updates of different documents](benchmarks/independent-documents.svg)

By the anonymous user. Above the bars: compared with native.

## Updates of one document

![updates of one document](benchmarks/one-hot-document.svg)

Above the bars: compared with native with \`retryOnConflict: 50\`. The bars count stored updates only.

## In other conditions

![in other conditions](benchmarks/conditions.svg)

64 updates of different documents in flight; one condition changes at a time.

## What native cannot do

${conditionalTable(find)}

A scripted update is Elasticsearch's own, with 50 retries (${failing(find, scripted, COUNTER)}). An action sends it that checks no rights and sends no notifications. Kuzzle does not offer it to clients.

${staleness(find)}

${sizing(find)}

## The machine, and how to repeat it

${platform.map(([name, value]) => `- ${name}: ${value}`).join("\n")}

\`\`\`sh
npm run bench # all, about 20 minutes
npm run bench -- "logged-in users" # scenarios with that in their name; written to reports/bench
npm run bench -- "no such scenario" # lists the names of all
\`\`\`

Use a machine that does nothing else. Kuzzle, Elasticsearch, Redis and the clients share it, so the ratios say more than the updates a second. \`ELASTICSEARCH_URL\` and \`REDIS_URL\` measure against your own services; that Redis must not be another Kuzzle's. The method and all figures: [details](maintainers/benchmarks.md).
`;

  return format(text, { parser: "markdown" });
}

function modeTable(find: Find): string {
  const times = (
    one: Contender,
    scenario: string,
    other: Contender = native,
  ) => {
    const comparison = find(scenario);
    return inTimes(spreadOf(comparison?.ratios("goodput", one, other) ?? []));
  };
  const byUsers = (one: Contender) =>
    `**${times(one, LOGGED_IN)}** the updates a second of ${LOGGED_IN}`;
  const byAnonymous = (one: Contender) =>
    `**${times(one, nameOf(INDEPENDENT, 64))}** of the anonymous user`;
  const onOne = (one: Contender) =>
    `**${times(one, nameOf(HOT_DOCUMENT, 64), nativeRetrying)}** on one document`;
  /** How long one update at a time takes: a gain if that is less than natively, otherwise a cost. */
  const alone = (one: Contender) => {
    const comparison = find(nameOf(INDEPENDENT, 1));
    const spread = spreadOf(comparison?.ratios("p50", one, native) ?? []);
    const text = `one update at a time takes ${inTimes(spread)} as long`;
    return spread.median < 1
      ? { cost: [], gain: [text] }
      : { cost: [text], gain: [] };
  };

  return toTable(
    ["mode", "gain", "cost", "when"],
    [
      [
        "default",
        listed(
          byUsers(byDefault),
          byAnonymous(byDefault),
          `${onOne(byDefault)}, and ${failing(find, byDefault)}`,
          ...alone(byDefault).gain,
        ),
        listed(...alone(byDefault).cost, HANGING),
        "always: no configuration needed",
      ],
      [
        "`interceptNative: true`",
        listed(
          byUsers(intercepting),
          byAnonymous(intercepting),
          `${onOne(intercepting)}, and ${failing(find, intercepting)}`,
          ...alone(intercepting).gain,
        ),
        listed(...alone(intercepting).cost, HANGING),
        "neither clients nor server code are to be changed",
      ],
      [
        "`prepareJwtKey: true`",
        byUsers(prepared),
        "none is known",
        "users log in",
      ],
      [
        "`fold`",
        `${onOne(fold)}, and ${failing(find, fold)}`,
        "several updates share a version and a notification",
        "the last state matters more than each step",
      ],
      [
        "`batchWrites: false`",
        listed(
          `none: **${times(separate, nameOf(INDEPENDENT, 64))}** of the anonymous user`,
          ...alone(separate).gain,
        ),
        listed(...alone(separate).cost),
        "to find out whether batching causes a problem",
      ],
    ],
  );
}

/** What one node takes, and what limits it. */
function sizing(find: Find): string {
  const limit = (one: Contender) =>
    inTimes(
      spreadOf(find(nameOf(LIMITS, 64))?.ratios("goodput", one, native) ?? []),
    );

  return `## Sizing

Kuzzle's process saturates first: Node.js runs JavaScript on one thread. So a node takes about 1 s divided by the CPU time of one update.

${sizingTable(find)}

Each update is of another document. Intercepted updates differ from the plugin's own by no more than runs differ.

- **Elasticsearch** comes later. On the same machine, it took ${limit(elasticsearchUpdate)} native's rate as single updates, and ${limit(elasticsearchBulk)} as bulk requests. What it needs is heap: [troubleshooting](troubleshooting.md#elasticsearch).
- **Redis** was not slow, but each request to it costs Kuzzle CPU time. A logged-in user also costs the verification of the token: [\`prepareJwtKey\`](configuration.md#preparejwtkey).
- **Kuzzle's handling of a request** is the upper limit: \`server:now\`, which does nothing, reached ${limit(serverNow)} native's rate.
- **Memory** was no limit. Waiting updates are kept in memory, \`maxPending\` of a document at most.
- **CPU time per update** did not grow with the number of documents, connections or contended documents. It grows with the body. With bodies of 1 MB, the plugin needs more than native.

One document, compared with native with 50 retries at the same number in flight:

${hotTable(find)}

Several nodes that write the same document conflict and retry. More nodes do not make one document faster.

How many nodes:

1. Measure the CPU time of an update on your machine, with your users, pipes and bodies.
2. Plan for half of what that allows, to have room for bursts and the loss of a node.
3. Add nodes for updates of different documents. They share no state of the plugin, except request keys in Redis.
4. Keep fewer requests in flight per node than \`limits.concurrentRequests\` (100).

In production, watch the CPU of the Kuzzle process and the [statistics](api/stats.md#prometheus). If it uses a whole core and batches grow, add a node. If it does not, and writes take long, Elasticsearch is the limit.`;
}

function sizingTable(find: Find): string {
  const scenarios = [
    { name: LOGGED_IN, scenario: LOGGED_IN },
    { name: "the anonymous user", scenario: nameOf(INDEPENDENT, 64) },
    ...Object.keys(conditions)
      .filter((name) => name !== LOGGED_IN)
      .map((name) => ({ name, scenario: name })),
  ];
  const rows = scenarios.map(({ name, scenario }) => {
    const comparison = find(scenario);
    const natively = (metric: "cpu" | "goodput") =>
      significant(comparison?.spread(metric, native).median ?? NaN);
    const ratio = (metric: "cpu" | "goodput") =>
      inTimes(spreadOf(comparison?.ratios(metric, byDefault, native) ?? []));
    return [
      name.charAt(0).toUpperCase() + name.slice(1),
      natively("goodput"),
      `${natively("cpu")} µs`,
      ratio("goodput"),
      ratio("cpu"),
    ];
  });

  return toTable(
    [
      "64 updates in flight",
      ...["native, a second", "native, CPU time of one"],
      ...["plugin, a second", "plugin, CPU time of one"],
    ],
    rows,
  );
}

function hotTable(find: Find): string {
  const rows = IN_FLIGHT.map((inFlight) => {
    const comparison = find(nameOf(HOT_DOCUMENT, inFlight));
    const failed = (one: Contender) =>
      comparison ? failedShare(comparison, one) : NONE;
    const ratio = (one: Contender) =>
      inTimes(
        spreadOf(comparison?.ratios("goodput", one, nativeRetrying) ?? []),
      );
    return [
      String(inFlight),
      failed(native),
      failed(nativeRetrying),
      ratio(byDefault),
      ratio(fold),
    ];
  });

  return toTable(
    [
      ...["in flight", "native: failed", "50 retries: failed"],
      ...["default", "`fold`"],
    ],
    rows,
  );
}

const listed = (...parts: readonly string[]) => parts.join("; ");

function conditionalTable(find: Find): string {
  const row = (what: string, scenario: string, one: Contender) => {
    const ratios = find(scenario)?.ratios("goodput", one) ?? [];
    return [what, `${inTimes(spreadOf(ratios))} those ${against(scenario)}`];
  };

  return toTable(
    ["64 in flight", "a second"],
    [
      row("increments of one counter by `modify`", COUNTER, modify),
      row("the same with `fold`", COUNTER, modifyFolded),
      row("the same by get and `ifVersion`", COUNTER, readModifyWrite),
      row("measures of devices by `steps`", ASSET, steps),
      row("the same by `updateWith`", ASSET, changedWith),
      row("updates of many documents with `ifVersion`", IF_VERSION, ifVersion),
      row("updates beside a `readOnly` field", GUARD, guarded),
    ],
  );
}

/** What the figures of a scenario are compared with. */
function against(scenario: string): string {
  switch (scenario) {
    case COUNTER:
      return "by a scripted update";
    case ASSET:
      return "under a `Mutex`";
    default:
      return "without";
  }
}

function inTimes({ median }: Spread): string {
  return Number.isNaN(median) ? NONE : `${median.toFixed(2)} ×`;
}

/** How many measures of the asset are stale after the payloads of 64 devices. */
function staleness(find: Find): string {
  const of = (one: Contender) => {
    const turns = find(ASSET)?.turns.get(one) ?? [];
    const { median } = spreadOf(turns.flatMap(({ stale }) => stale ?? []));
    return Number.isNaN(median) ? NONE : median.toFixed(0);
  };

  return `Of 129 measures, sent by 64 devices at once, ${of(steps)} are stale afterwards; without \`Mutex\` or plugin ${of(withoutMutex)}.`;
}

/** What share fails of 64 updates of one document in flight. */
function failing(
  find: Find,
  contender: Contender,
  scenario = nameOf(HOT_DOCUMENT, 64),
): string {
  const hot = find(scenario);
  const share = hot ? failedShare(hot, contender) : NONE;

  return share === "0" ? "none fails" : `${share} fail`;
}
