import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Comparison } from "../conformance/comparison";
import { generate } from "../conformance/generated";
import { handwritten } from "../conformance/handwritten";

const seed = Number(process.env["CONFORMANCE_SEED"] ?? Date.now() % 2 ** 31);
/** One case of every kind, always. */
const CORE = [
  "a plain update",
  "no such document",
  "no such collection",
  "an identifier with special characters",
  "the anonymous user",
  "a caller without the native right",
  "an invalid token",
  'options {"silent":true,"source":true}',
  'options {"refresh":"wait_for"}',
  'options {"retryOnConflict":5}',
  'options {"retryOnConflict":2.5}',
  'options {"__kuid__":42}',
  'HTTP {"source":true}',
  'HTTP {"triggerEvents":"true","__kuid__":"-1","__checkRights__":"true"}',
  "body: a nested field, with source",
  "body: nothing",
  "body: _kuzzle_info",
  "body: names of arguments",
  "HTTP body: broken JSON",
  "PUT with source",
  "volatile: custom",
  "volatile: that of an SDK",
  "volatile: of an incompatible SDK",
  "a filter that the update enters",
  "a filter that the update leaves",
  "a silent update that leaves a filter",
  "specified: a valid change",
  "specified: a value out of range",
  "strict: a field that is not specified",
  "rigid mapping: a value of the wrong type",
  "rigid mapping: a field that is not mapped",
  "rigid mapping: an error, with source, retries and no notification",
  "no mapping: an object within 900 objects",
  "neighbours that the client refuses to read",
  "a document that the client refuses to read: __proto__",
  "piped: a valid change",
  "gone: a valid change",
  "document:beforeUpdate throws a KuzzleError",
  "document:afterUpdate throws a KuzzleError",
  "document:afterUpdate throws a KuzzleError, the error event recovers",
  "generic:document:beforeUpdate throws a Error",
  "generic:document:afterUpdate throws a string",
  "generic:document:injectMetadata throws a KuzzleError",
  "generic before changes the body",
  "generic before changes the id",
  "before adds a field",
  "before changes the volatile",
  "before makes it silent",
  "after sets the result and the status",
  "after sets headers",
  "after answers raw",
  "generic after changes the result",
  "metadata: a field is added",
  "the error event recovers a missing document",
  "the error event replaces a native error",
  "document:beforeUpdate returns nothing",
  "argument body: left out",
  "argument requestId: a number",
  "silent: a number",
];
/** Of the others, every n-th, by the seed. */
const OTHERS = 20;
const GENERATED = 12;

const cases = [
  ...handwritten.filter(
    ({ name }, position) =>
      CORE.includes(name) || (position + seed) % OTHERS === 0,
  ),
  ...generate(seed, GENERATED),
];

// All cases, in all ways: tests/conformance.
describe(`against native document:update, a sample (seed ${seed})`, () => {
  const ways = [
    "action",
    "interception",
    "batched",
    "unheard",
    "nativeBatched",
  ] as const;
  let comparison: Comparison;
  before(async () => {
    comparison = await Comparison.start(ways, cases, seed);
  });
  after(() => comparison?.stop());

  it("has the core of the cases", () => {
    const names = handwritten.map(({ name }) => name);
    assert.deepEqual(
      CORE.filter((name) => !names.includes(name)),
      [],
    );
  });

  for (const [position, each] of cases.entries()) {
    it(`is the same: ${each.name}`, async (test) => {
      if (!comparison.isPossible(each)) {
        return test.skip("this Elasticsearch has no such collection");
      }
      assert.deepEqual(await comparison.play(each, position), []);
    });
  }

  it("answers all updates of a refused request as native does", async () => {
    assert.deepEqual(await comparison.playRefusal(), []);
  });
});
