import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";

import { readConfiguration } from "../../lib/plugin/configuration";

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
    checkRights: true,
    contention: {},
    controller: "document-update",
    groupCommit: [],
    interceptNative: false,
    lane: { maxPending: 10_000, maxWait: 5_000 },
    retryOnConflict: 10,
  });
});

it("keeps what the application configured", () => {
  const configuration = {
    checkRights: false,
    contention: { "iot/*": "fold", "*/*": "retry" },
    controller: "taxis",
    groupCommit: ["iot/*"],
    interceptNative: true,
    lane: { maxPending: 0, maxWait: 1 },
    retryOnConflict: 0,
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
    'Invalid configuration key "plugins.document-update.checkRight": expected one of the keys checkRights, contention, controller, groupCommit, interceptNative, lane, retryOnConflict, found true.',
  );
});

it("refuses a value of the wrong type", () => {
  for (const key of ["checkRights", "interceptNative"]) {
    assert.equal(
      messageOf({ [key]: "false" }),
      `Invalid configuration key "plugins.document-update.${key}": expected a boolean, found 'false'.`,
    );
  }
});

it("completes the limits of lanes with the defaults", () => {
  assert.deepEqual(readConfiguration({ lane: { maxWait: 1 } }).lane, {
    maxPending: 10_000,
    maxWait: 1,
  });
});

it("names the limit of lanes that is wrong", () => {
  assert.equal(
    messageOf({ lane: { maxWait: "5s" } }),
    `Invalid configuration key "plugins.document-update.lane.maxWait": expected an integer from 0 to 2147483647, found '5s'.`,
  );
  assert.equal(
    messageOf({ lane: { wait: 1 } }),
    'Invalid configuration key "plugins.document-update.lane.wait": expected one of the keys maxPending, maxWait, found 1.',
  );
});

it("refuses a number that is no count", () => {
  for (const retryOnConflict of [-1, 0.5, Infinity, "1", null, 2 ** 31]) {
    assert.match(messageOf({ retryOnConflict }), /expected an integer from 0/);
  }
});

it("refuses what is no pattern of collections, and no mode", () => {
  for (const contention of [[], { iot: "fold" }, { "iot/*": "merge" }, "*/*"]) {
    assert.match(messageOf({ contention }), /expected "retry" or "fold" by/);
  }
  for (const groupCommit of ["iot/*", ["iot"], [1], { "iot/*": true }]) {
    assert.match(messageOf({ groupCommit }), /expected a list of patterns/);
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
  fc.assert(
    fc.property(
      fc.record(
        {
          checkRights: fc.anything(),
          contention: fc.anything(),
          controller: fc.anything(),
          groupCommit: fc.anything(),
          interceptNative: fc.anything(),
          lane: fc.anything(),
          retryOnConflict: fc.anything(),
        },
        { requiredKeys: [] },
      ),
      (found) => {
        assert.match(
          messageOf(found),
          /^accepted$|^Invalid configuration key "plugins\.document-update\.(checkRights|contention|controller|groupCommit|interceptNative|lane(\..*)?|retryOnConflict)"/s,
        );
      },
    ),
  );
});
