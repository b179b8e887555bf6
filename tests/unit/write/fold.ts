import assert from "node:assert/strict";
import { it } from "node:test";

import {
  foldableCount,
  foldGroup,
  foldRule,
  foldUpdates,
} from "../../../lib/write/fold";
import { aContext, anUpdate } from "../../support/aWrite";

type Changes = Parameters<typeof anUpdate>[0];

const count = (...updates: readonly Changes[]) =>
  foldableCount(updates.map(anUpdate));

it("counts none that differs in user or options, nor those behind it", () => {
  for (const other of [
    { context: aContext({ kuid: "jane" }) },
    { options: { silent: true } },
    { options: { source: true } },
    { options: { retryOnConflict: 1 } },
    { options: { refresh: "wait_for" } },
    { options: { retryOnConflict: "abc" } },
  ]) {
    assert.equal(count({}, other, {}), 1, JSON.stringify(other));
    assert.equal(count(other, {}), 1, JSON.stringify(other));
  }
  assert.equal(
    count(
      {},
      { options: { requestId: "another", timestamp: 2, volatile: { a: 1 } } },
      { context: aContext({ connectionId: "another" }) },
      { options: { refresh: "false", retryOnConflict: 0 } },
    ),
    4,
  );
});

it("has no group for what has to be written alone", () => {
  assert.equal(typeof foldGroup(anUpdate()), "string");
  for (const options of [
    { refresh: "wait_for" },
    { refresh: "" },
    { retryOnConflict: -1 },
    { retryOnConflict: 0.5 },
    { retryOnConflict: "3" },
  ]) {
    assert.equal(foldGroup(anUpdate({ options })), undefined);
  }
});

it("counts no more once they are large", () => {
  const text = "x".repeat(200_000);

  assert.equal(
    count(...[1, 2, 3, 4].map((n) => ({ body: { [`n${n}`]: text } }))),
    3,
  );
});

it("counts none that cannot be merged with those before", () => {
  assert.equal(
    count({ body: { a: 1 } }, { body: { a: { b: 2 } } }, { body: { c: 3 } }),
    1,
  );
});

it("queues clients' updates of the named collections, unless they have to be processed one by one", () => {
  const isQueued = (
    changes: Changes = {},
    { isHeard = false, isSpecified = false, patterns = ["*/yellow-*"] } = {},
  ) =>
    foldRule(
      patterns,
      () => isSpecified,
      () => isHeard,
    )(anUpdate(changes));

  assert.ok(isQueued());
  assert.ok(isQueued({ options: { refresh: "false" } }));
  assert.ok(!isQueued({}, { patterns: [] }));
  assert.ok(!isQueued({ collection: "green-taxi" }));
  assert.ok(!isQueued({ options: { refresh: "wait_for" } }));
  assert.ok(!isQueued({ context: aContext({ protocol: "funnel" }) }));
  assert.ok(!isQueued({}, { isSpecified: true }));
  assert.ok(!isQueued({}, { isHeard: true }));
});

it("makes one update of several: the last, with the changes of all in their order", () => {
  const all = [
    anUpdate({ body: { a: 1, b: 1 }, options: { requestId: "first" } }),
    anUpdate({ body: { b: 2 }, options: { requestId: "last" } }),
  ];

  assert.deepEqual(foldUpdates(all), { ...all[1], body: { a: 1, b: 2 } });
  assert.equal(foldUpdates([all[0]!]), all[0]);
  assert.deepEqual(all[0]?.body, { a: 1, b: 1 });
});

const volatileOf = (...volatiles: (object | null)[]) =>
  foldUpdates(volatiles.map((volatile) => anUpdate({ options: { volatile } })))
    .options.volatile;

it("keeps the volatile values that all updates share", () => {
  const sdk = { sdkName: "js@7" };

  assert.deepEqual(
    volatileOf({ ...sdk, sdkInstanceId: "a" }, { ...sdk, sdkInstanceId: "b" }),
    sdk,
  );
  assert.deepEqual(volatileOf(sdk, sdk), sdk);
  assert.equal(volatileOf(null, sdk), null);
  assert.equal(volatileOf(sdk, null), null);
  assert.equal(volatileOf(null, null), null);
});
