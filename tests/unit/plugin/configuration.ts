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
    return (error as Error).message.split("\n")[0] ?? "";
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

it("refuses an unknown configuration key, and names those that there are", () => {
  assert.equal(
    messageOf({ checkRight: true }),
    `Invalid configuration key "plugins.document-update.checkRight": expected one of the keys ${KEYS}, found true.`,
  );
});

it("refuses keys of former versions, and names that every object has", () => {
  for (const key of ["contention", "groupCommit", "lane", "toString"]) {
    assert.match(messageOf({ [key]: {} }), /expected one of the keys/);
  }
});

it("refuses a value of the wrong type", () => {
  assert.equal(
    messageOf({ checkRights: "false" }),
    `Invalid configuration key "plugins.document-update.checkRights": expected a boolean, found 'false'.`,
  );
});

it("takes a boolean or patterns of collections for what is intercepted", () => {
  for (const interceptNative of [true, false, [], ["iot/*"]]) {
    assert.equal(messageOf({ interceptNative }), "accepted");
  }
  for (const interceptNative of ["false", "iot/*", ["iot"], null, 1]) {
    assert.match(
      messageOf({ interceptNative }),
      /interceptNative": expected a boolean, or a list of patterns of collections, such as \["iot\/\*"\], found/,
    );
  }
});

it("takes nothing but a boolean for what is switched on or off", () => {
  for (const key of ["batchWrites", "checkRights", "prepareJwtKey"]) {
    for (const value of [true, false]) {
      assert.equal(messageOf({ [key]: value }), "accepted");
    }
    for (const value of ["plugin", "application", null, undefined, [], 1]) {
      assert.match(
        messageOf({ [key]: value }),
        new RegExp(`${key}": expected a boolean, found`),
      );
    }
  }
});

it("refuses a number that is not an allowed integer", () => {
  for (const key of [
    ...["maxPending", "maxWait", "requestKeyTtl", "retryOnConflict"],
  ]) {
    for (const value of [-1, 0.5, Infinity, NaN, "1", null, 2 ** 31]) {
      assert.match(messageOf({ [key]: value }), /expected an integer from/);
    }
    assert.equal(messageOf({ [key]: 2 ** 31 - 1 }), "accepted");
  }
});

it("refuses a limit with which no update could be folded", () => {
  assert.match(
    messageOf({ maxPending: 0 }),
    /maxPending": expected an integer from 1 to 2147483647, found 0\.$/,
  );
});

it("refuses a requestKeyTtl that is shorter than a request may take", () => {
  assert.match(
    messageOf({ requestKeyTtl: 59_999 }),
    /requestKeyTtl": expected an integer from 60000 to 2147483647, found/,
  );
});

it("refuses what are no guards by patterns of collections", () => {
  const readOnly = ["legacyId"];
  for (const guards of [
    ...[[], "crm/customers", null, { crm: { readOnly } }],
    ...[{ "crm/*": { readOnly: "legacyId" } }, { "crm/*": { readonly: [] } }],
    ...[{ "crm/*": { writableBy: readOnly } }, { "crm/*": readOnly }],
  ]) {
    assert.match(messageOf({ guards }), /guards": expected guards by patterns/);
  }
});

it("lets an update that conflicts be tried once, but not where updates wait to be folded", () => {
  assert.equal(messageOf({ maxWait: 0 }), "accepted");
  assert.equal(messageOf({ fold: [], maxWait: 0 }), "accepted");
  assert.equal(
    messageOf({ fold: ["iot/*"], maxWait: 0 }),
    'Invalid configuration key "plugins.document-update.maxWait": expected more than 0, since "fold" has updates wait, found 0.',
  );
});

it("refuses what is no list of patterns of collections", () => {
  for (const key of ["fold", "skipUnchanged"]) {
    for (const found of ["iot/*", ["iot"], [1], { "iot/*": true }, ["a/b/c"]]) {
      assert.match(
        messageOf({ [key]: found }),
        new RegExp(`${key}": expected a list of patterns of`),
      );
    }
  }
});

it("refuses a controller name that is no path segment", () => {
  for (const controller of [
    "",
    "a/b",
    "Taxis",
    "-a",
    "a-",
    "a--b",
    "1a",
    42,
    null,
    {},
  ]) {
    assert.match(messageOf({ controller }), /expected a name in kebab-case/);
  }
});

it("refuses a configuration that is no object", () => {
  for (const found of [null, undefined, "text", 42, []]) {
    assert.match(messageOf(found), /expected an object, found/);
  }
});

it("accepts a configuration or names the key that is wrong, whatever it finds", () => {
  const keys = KEYS.split(", ");
  const wrong = new RegExp(
    `^accepted$|^Invalid configuration key "plugins\\.document-update\\.(${keys.join("|")})"`,
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
