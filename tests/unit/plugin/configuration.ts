import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";

import { readConfiguration } from "../../../lib/plugin/configuration";

const KEYS =
  "batchWrites, checkRights, controller, fold, guards, interceptNative, maxPending, maxWait, prepareJwtKey, requestKeyTtl, retryOnConflict, skipUnchanged";

const messageOf = (found: unknown): string => {
  try {
    readConfiguration(found);
  } catch (error) {
    assert.equal(
      (error as { id: string }).id,
      "plugin.document-update.invalid_configuration",
    );
    return (error as Error).message;
  }
  return "accepted";
};

it("completes an empty configuration with the defaults", () => {
  assert.deepEqual(readConfiguration({}), {
    batchWrites: true,
    checkRights: true,
    controller: "document-update",
    fold: [],
    guards: {},
    interceptNative: false,
    maxPending: 10_000,
    maxWait: 5_000,
    prepareJwtKey: false,
    requestKeyTtl: 86_400_000,
    retryOnConflict: 10,
    skipUnchanged: [],
  });
});

it("keeps what the application configured", () => {
  const configuration = {
    batchWrites: false,
    checkRights: false,
    controller: "taxis",
    fold: ["iot/*"],
    guards: { "crm/customers": { readOnly: ["legacyId"] } },
    interceptNative: true,
    maxPending: 1,
    maxWait: 1,
    prepareJwtKey: true,
    requestKeyTtl: 60_000,
    retryOnConflict: 0,
    skipUnchanged: ["*/*"],
  };

  assert.deepEqual(readConfiguration(configuration), configuration);
});

it("returns a frozen copy", () => {
  const found = { controller: "taxis" };
  const configuration = readConfiguration(found);

  assert.notEqual(configuration, found);
  assert.ok(Object.isFrozen(configuration));
});

it("refuses unknown keys, those of former versions too, and names those that there are", () => {
  for (const key of ["lane", "contention", "groupCommit", "toString"]) {
    assert.equal(
      messageOf({ [key]: true }),
      `Invalid configuration key "plugins.document-update.${key}": expected one of the keys ${KEYS}, found true.`,
    );
  }
});

const readOnly = ["legacyId"];

/** By key, what it accepts, and refuses, and what it says that it expects. */
const VALUES: readonly (readonly [
  key: string,
  accepted: readonly unknown[],
  refused: readonly unknown[],
  expected: string,
])[] = [
  ...["batchWrites", "checkRights", "prepareJwtKey"].map((key) => {
    const refused = ["false", "plugin", null, undefined, [], 1];
    return [key, [true, false], refused, "a boolean"] as const;
  }),
  [
    "interceptNative",
    [true, false, [], ["iot/*"]],
    ["false", "iot/*", ["iot"], null, 1],
    'a boolean, or a list of patterns of collections, such as ["iot/*"]',
  ],
  ...Object.entries({
    maxPending: 1,
    maxWait: 0,
    requestKeyTtl: 60_000,
    retryOnConflict: 0,
  }).map(([key, least]) => {
    const refused = [least - 1, least + 0.5, Infinity, NaN, "1", null, 2 ** 31];
    const expected = `an integer from ${least} to 2147483647`;
    return [key, [least, 2 ** 31 - 1], refused, expected] as const;
  }),
  [
    "guards",
    [{}, { "crm/customers": { readOnly } }],
    [
      ...[[], "crm/customers", null, { crm: { readOnly } }],
      { "crm/*": { readOnly: "legacyId" } },
      ...[{ "crm/*": { writableBy: readOnly } }, { "crm/*": readOnly }],
    ],
    "guards by patterns",
  ],
  ...["fold", "skipUnchanged"].map((key) => {
    const refused = ["iot/*", ["iot"], [1], { "iot/*": true }, ["a/b/c"]];
    return [key, [[], ["iot/*"]], refused, "a list of patterns of"] as const;
  }),
  [
    "controller",
    ["taxis", "our-taxis2"],
    ["", "a/b", "Taxis", "-a", "a-", "a--b", "1a", 42, null, {}],
    "a name in kebab-case",
  ],
];

for (const [key, accepted, refused, expected] of VALUES) {
  it(`expects ${expected} for ${key}, and shows what it has found`, () => {
    for (const value of accepted) {
      assert.equal(messageOf({ [key]: value }), "accepted");
    }
    for (const value of refused) {
      const message = messageOf({ [key]: value });
      const start = `Invalid configuration key "plugins.document-update.${key}": expected ${expected}`;
      assert.ok(message.startsWith(start), message);
      assert.match(message, /, found /);
    }
  });
}

it("names the nearest of its keys, where one is near", () => {
  for (const [key, nearest] of [
    ["interceptNativ", "interceptNative"],
    ["intercpetNative", "interceptNative"],
    ["max_wait", "maxWait"],
    ["BATCHWRITES", "batchWrites"],
    ["folds", "fold"],
  ] as const) {
    assert.ok(
      messageOf({ [key]: true }).endsWith(` Did you mean "${nearest}"?`),
      key,
    );
  }
  for (const key of ["lane", "groupCommit", "", "f", "x".repeat(100_000)]) {
    assert.match(messageOf({ [key]: 1 }), /, found 1\.$/);
  }
});

it("refuses an unknown kind of guard, and names the nearest", () => {
  assert.equal(
    messageOf({ guards: { "crm/*": { readonly: ["legacyId"] } } }),
    `Invalid configuration key "plugins.document-update.guards.crm/*.readonly": expected one of the keys readOnly, immutable, writableBy, found [ 'legacyId' ]. Did you mean "readOnly"?`,
  );
});

it("lets no updates wait to be folded that may not wait", () => {
  assert.equal(messageOf({ fold: [], maxWait: 0 }), "accepted");
  assert.equal(
    messageOf({ fold: ["iot/*"], maxWait: 0 }),
    'Invalid configuration key "plugins.document-update.maxWait": expected more than 0, since "fold" has updates wait, found 0. Remove it, for 5000, or remove "fold".',
  );
});

it("refuses a configuration that is no object", () => {
  for (const found of [null, undefined, "text", 42, []]) {
    assert.match(messageOf(found), /expected an object, found/);
  }
});

it("accepts a configuration or names the key that is wrong, whatever it finds", () => {
  const keys = KEYS.split(", ");
  const wrong = new RegExp(
    `^accepted$|^Invalid configuration key "plugins\\.document-update\\.(${keys.join("|")}|guards\\..*)"`,
    "s",
  );

  fc.assert(
    fc.property(
      fc.record(Object.fromEntries(keys.map((key) => [key, fc.anything()])), {
        requiredKeys: [],
      }),
      (found) => {
        assert.match(messageOf(found), wrong);
      },
    ),
  );
});
