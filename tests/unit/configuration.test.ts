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
    controller: "document-update",
    interceptNative: false,
  });
});

it("keeps what the application configured", () => {
  const configuration = {
    checkRights: false,
    controller: "taxis",
    interceptNative: true,
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
    'Invalid configuration key "plugins.document-update.checkRight": expected one of the keys checkRights, controller, interceptNative, found true.',
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
          controller: fc.anything(),
          interceptNative: fc.anything(),
        },
        { requiredKeys: [] },
      ),
      (found) => {
        assert.match(
          messageOf(found),
          /^accepted$|^Invalid configuration key "plugins\.document-update\.(checkRights|controller|interceptNative)"/,
        );
      },
    ),
  );
});
