import { format } from "prettier";

import { toTable } from "../support/markdown";
import {
  byDefault,
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
} from "./contenders";
import { againstBest, type Find } from "./goals";
import type { Platform } from "./platform";
import type { Contender } from "./Scenario";
import {
  COUNTER,
  GUARD,
  HOT_DOCUMENT,
  IF_VERSION,
  INDEPENDENT,
  LOGGED_IN,
  nameOf,
} from "./scenarios";
import { type Spread, spreadOf } from "./statistics";
import { failedShare, NONE } from "./tables";

const HANGING = "if a request to storage hangs, all updates in it wait";

/** What a user wants to know, in two minutes: modes, three charts, the machine. In Markdown. */
export async function toPage(find: Find, platform: Platform): Promise<string> {
  const text = `# Benchmarks

What the plugin gains compared with native \`document:update\`, and what it costs. \`npm run bench\` wrote this page: it measured native and each mode in turns, on one machine. "2 ×" means twice native's value; all ratios are medians of the rounds.

${modeTable(find)}

All gains are with 64 updates in flight, unless the table says otherwise.

## Updates of different documents

![updates of different documents](benchmarks/independent-documents.svg)

Above the bars: compared with native.

## Updates of one document

![updates of one document](benchmarks/one-hot-document.svg)

Above the bars: compared with native with \`retryOnConflict: 50\`. With 64 updates in flight: natively ${failing(find, native)}, with 50 retries ${failing(find, nativeRetrying)}; with the plugin ${failing(find, byDefault)}. The bars count stored updates only.

## In other conditions

![in other conditions](benchmarks/conditions.svg)

64 updates of different documents in flight; one condition changes at a time.

## What native cannot do

${conditionalTable(find)}

A scripted update is Elasticsearch's own, with 50 retries (${failing(find, scripted, COUNTER)}), sent by an action that checks no rights and sends no notifications.

## The machine, and how to repeat it

${platform.map(([name, value]) => `- ${name}: ${value}`).join("\n")}

\`\`\`sh
npm run bench
\`\`\`

This takes about 20 minutes, on a machine that does nothing else. Kuzzle, Elasticsearch, Redis and the clients share the machine, so the ratios say more than the updates a second. The method and all figures: [details](maintainers/benchmarks.md).
`;

  return format(text, { parser: "markdown" });
}

function modeTable(find: Find): string {
  const times = (one: Contender, scenario = nameOf(INDEPENDENT, 64)) => {
    const comparison = find(scenario);
    return inTimes(spreadOf(comparison?.ratios("goodput", one, native) ?? []));
  };
  const best = (one: Contender) => inTimes(spreadOf(againstBest(one)(find)));
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
          `**${times(byDefault)}** the updates a second`,
          ...alone(byDefault).gain,
          `**${best(byDefault)}** native's best on one document, and ${failing(find, byDefault)}`,
        ),
        listed(...alone(byDefault).cost, HANGING),
        "always: no configuration needed",
      ],
      [
        "`interceptNative: true`",
        listed(
          `**${times(intercepting)}** the updates a second`,
          ...alone(intercepting).gain,
          `**${best(intercepting)}** native's best on one document, and ${failing(find, intercepting)}`,
        ),
        listed(...alone(intercepting).cost, HANGING),
        "neither clients nor server code are to be changed",
      ],
      [
        "`prepareJwtKey: true`",
        `**${times(prepared, LOGGED_IN)}** the updates a second of ${LOGGED_IN}; without it **${times(byDefault, LOGGED_IN)}**`,
        "none is known",
        "users log in",
      ],
      [
        "`fold`",
        `**${best(fold)}** native's best on one document`,
        "several updates share a version and a notification",
        "the last state matters more than each step",
      ],
      [
        "`batchWrites: false`",
        listed(`none: **${times(separate)}**`, ...alone(separate).gain),
        listed(...alone(separate).cost),
        "to find out whether batching causes a problem",
      ],
    ],
  );
}

const listed = (...parts: readonly string[]) => parts.join("; ");

function conditionalTable(find: Find): string {
  const row = (what: string, scenario: string, one: Contender) => {
    const ratios = find(scenario)?.ratios("goodput", one) ?? [];
    const of = scenario === COUNTER ? "by a scripted update" : "without";
    return [what, `${inTimes(spreadOf(ratios))} those ${of}`];
  };

  return toTable(
    ["64 in flight", "a second"],
    [
      row("increments of one counter by `modify`", COUNTER, modify),
      row("the same with `fold`", COUNTER, modifyFolded),
      row("the same by get and `ifVersion`", COUNTER, readModifyWrite),
      row("updates of many documents with `ifVersion`", IF_VERSION, ifVersion),
      row("updates beside a `readOnly` field", GUARD, guarded),
    ],
  );
}

function inTimes({ median }: Spread): string {
  return Number.isNaN(median) ? NONE : `${median.toFixed(2)} ×`;
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
