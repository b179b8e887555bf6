import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle";

import {
  answerTo,
  foldableCount,
  foldChanges,
  foldGroup,
  foldRule,
  foldUpdates,
} from "../../../lib/write/fold";
import type { UpdatedDocument } from "../../../lib/write/delegateUpdate";
import { aDeepDocument } from "../../support/aDocument";
import { aContext, anUpdate } from "../../support/aWrite";
import { merged } from "../../support/fakeElasticsearch";

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
    { retryOnConflict: "abc" },
  ]) {
    assert.equal(foldGroup(anUpdate({ options })), undefined);
  }
});

it("has one group for retries that are a number, and for those that are text, as over HTTP", () => {
  const [asNumber, asText] = [3, "3"].map((retryOnConflict) =>
    foldGroup(anUpdate({ options: { retryOnConflict } })),
  );

  assert.equal(typeof asText, "string");
  assert.equal(asText, asNumber);
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
  // As a request may have it: Kuzzle refuses it, and would refuse those that are folded with it.
  assert.ok(!isQueued({ collection: ["yellow-taxi"] as unknown as string }));
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

it("gives no update what another one has for metadata of Kuzzle's", () => {
  const forged = { _kuzzle_info: { author: "forged" } };
  const { body } = foldUpdates([
    anUpdate({ body: { a: 1, ...forged } }),
    anUpdate({ body: { b: 2 } }),
  ]);

  assert.deepEqual(body, { a: 1, b: 2 });
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

const metadata = { updatedAt: 1, updater: "joe" };
const folded = {
  _id: "liia",
  _source: { _kuzzle_info: metadata, a: 1, b: 2 },
  _version: 3,
} as unknown as UpdatedDocument;

it("answers an update its own changes, with metadata of its own", () => {
  const body = { a: 1 };
  const { _source, ...rest } = answerTo(folded, anUpdate({ body }));

  assert.deepEqual(rest, { _id: "liia", _version: 3 });
  assert.deepEqual(_source, { _kuzzle_info: metadata, a: 1 });
  assert.notEqual(_source._kuzzle_info, metadata);
  assert.deepEqual(body, { a: 1 });
});

it("answers a copy of the document, with source", () => {
  const answer = answerTo(folded, anUpdate({ options: { source: true } }));

  assert.deepEqual(answer, folded);
  assert.notEqual(answer._source, folded._source);
});

it("answers the document itself where it is too deep to be copied", () => {
  const stored = { ...folded, _source: aDeepDocument(1) };

  assert.equal(
    answerTo(stored, anUpdate({ options: { source: true } })),
    stored,
  );
});

const changes = fc.dictionary(
  fc.constantFrom("a", "b", "__proto__", "constructor"),
  fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.integer({ max: 9, min: 0 }),
      fc.constant(null),
      fc.constantFrom([1, "a"], [1, { a: 1 }]),
      fc.dictionary(fc.constantFrom("a", "b", "__proto__"), tie("value"), {
        noNullPrototype: true,
      }),
    ),
  })).value,
  { noNullPrototype: true },
) as fc.Arbitrary<JSONObject>;

it("makes of several changes what storage makes of one after another", () => {
  fc.assert(
    fc.property(changes, fc.array(changes), (document, all) => {
      const folded = {};
      const taken = all.filter((each) => foldChanges(folded, each));

      assert.deepEqual(
        merged(document, folded),
        taken.reduce(merged, document),
      );
    }),
    { numRuns: 2_000 },
  );
});

it("merges nothing that is not JSON, which a pipe may have set", () => {
  for (const value of [new Date(), undefined, () => 1, new Map()]) {
    const folded = { a: { b: 1 } };

    assert.equal(foldChanges(folded, { a: { b: value } }), false);
    assert.deepEqual(folded, { a: { b: 1 } });
  }
  assert.ok(foldChanges({}, Object.create(null) as JSONObject));
});

it("refuses changes that replace an object which others then merge with", () => {
  const folded = { a: { b: 1 } };

  for (const value of [1, null, [1]]) {
    const before = { a: { b: value } };
    assert.equal(foldChanges(before, { a: { b: { c: 1 } }, d: 1 }), false);
    assert.deepEqual(before, { a: { b: value } });
  }
  assert.ok(foldChanges(folded, { a: 1 }));
  assert.deepEqual(folded, { a: 1 });
});

it("merges only lists of strings, numbers and booleans", () => {
  for (const value of [{}, { __proto__: null }, null, [1], 1n, () => 1]) {
    const folded = { a: [1] };

    assert.equal(foldChanges(folded, { a: [1, value] }), false);
    assert.deepEqual(folded, { a: [1] });
  }
  for (const list of [[], [1, "text", true]]) {
    const folded = {};

    assert.ok(foldChanges(folded, { a: list }));
    assert.deepEqual(folded, { a: list });
  }
});

it("refuses what nests too deep to be walked through", () => {
  const folded = {};

  assert.equal(foldChanges(folded, aDeepDocument(1)), false);
  assert.deepEqual(folded, {});
});

it("refuses fields that Kuzzle cannot read back, at any depth", () => {
  for (const changes of ['{"__proto__":1}', '{"a":{"constructor":null}}']) {
    const folded = {};

    assert.equal(foldChanges(folded, JSON.parse(changes) as JSONObject), false);
    assert.deepEqual(folded, {});
  }
});
