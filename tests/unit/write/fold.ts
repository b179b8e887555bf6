import assert from "node:assert/strict";
import { it } from "node:test";

import { foldUpdates, takeFoldable } from "../../../lib/write/fold";
import type { FoldRules } from "../../../lib/write/foldRules";
import { anUpdate } from "../../support/aWrite";

const rules: FoldRules = {
  isFoldable: ({ body }) => body["foldable"] !== false,
  isQueued: () => true,
  isSurelyValid: () => () => true,
};

type Changes = Parameters<typeof anUpdate>[0];

const take = (updates: readonly Changes[], by = rules) => {
  const waiting = updates.map((changes) => ({ update: anUpdate(changes) }));
  return takeFoldable(waiting, by).map((one) => waiting.indexOf(one));
};
/** By connections of their own, between which there is no order. */
const takeOf = (...updates: readonly Changes[]) =>
  take(
    updates.map((changes, number) => ({
      connectionId: String(number),
      ...changes,
    })),
  );

it("takes all that wait", () => {
  assert.deepEqual(take([{}, {}, { body: { a: 1 } }]), [0, 1, 2]);
});

it("takes none that differs in user or options", () => {
  assert.deepEqual(
    takeOf(
      {},
      { kuid: "jane" },
      { options: { silent: true } },
      { options: { source: true } },
      { options: { retryOnConflict: 1 } },
      { options: { requestId: "another", timestamp: 2, volatile: { a: 1 } } },
    ),
    [0, 5],
  );
});

it("takes none that would overtake another of its connection", () => {
  const options = { silent: true };

  assert.deepEqual(take([{}, { options }, {}]), [0]);
  assert.deepEqual(
    take([{}, { options }, { connectionId: "another" }]),
    [0, 2],
  );
});

it("takes no more once they are large", () => {
  const text = "x".repeat(200_000);

  assert.deepEqual(
    take([1, 2, 3, 4].map((n) => ({ body: { [`n${n}`]: text } }))),
    [0, 1, 2],
  );
});

it("takes none by the rules, neither the first nor another", () => {
  const body = { foldable: false };

  assert.deepEqual(takeOf({ body }, {}, {}), [0]);
  assert.deepEqual(takeOf({}, { body }, {}), [0, 2]);
});

it("takes none that cannot be merged with those before", () => {
  assert.deepEqual(
    takeOf({ body: { a: 1 } }, { body: { a: { b: 2 } } }, { body: { c: 3 } }),
    [0, 2],
  );
});

it("takes the first alone when it is too deep", () => {
  let deep = {};
  for (let depth = 0; depth < 100_000; depth++) {
    deep = { deep };
  }

  assert.deepEqual(takeOf({ body: deep }, {}), [0]);
});

it("replaces only what the rules are sure of", () => {
  const unsure = { ...rules, isSurelyValid: () => () => false };

  assert.deepEqual(take([{}, {}, { body: { seats: 6 } }], unsure), [0, 1]);
});

it("takes no more than a thousand", () => {
  assert.equal(take(Array.from({ length: 1_100 }, () => ({}))).length, 1_000);
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

it("compares no objects, however deep", () => {
  const aDeepOne = () => {
    let deep = {};
    for (let depth = 0; depth < 100_000; depth++) {
      deep = { deep };
    }
    return { deep, flat: 1 };
  };

  assert.deepEqual(volatileOf(aDeepOne(), aDeepOne()), { flat: 1 });
});
