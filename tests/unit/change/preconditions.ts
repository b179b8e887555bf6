import assert from "node:assert/strict";
import { it } from "node:test";

import type { KuzzleError } from "kuzzle";

import {
  checkPrecondition,
  readPrecondition,
} from "../../../lib/change/preconditions";

const target = { _id: "id", collection: "c", index: "i" };

const check = (
  given: Parameters<typeof readPrecondition>[0],
  version: number,
) => {
  const precondition = readPrecondition(given);
  assert.ok(precondition);
  checkPrecondition(precondition, target, version);
};

it("is undefined if the request requires no version", () => {
  assert.equal(readPrecondition({}), undefined);
  assert.equal(
    readPrecondition({ ifMatch: undefined, ifVersion: undefined }),
    undefined,
  );
});

it("takes a version as a number, and as the text of a query string", () => {
  for (const ifVersion of [3, "3"]) {
    check({ ifVersion }, 3);
    assert.throws(() => check({ ifVersion }, 4));
  }
  check({ ifVersion: "9007199254740991" }, Number.MAX_SAFE_INTEGER);
});

it("refuses an invalid version", () => {
  for (const ifVersion of [
    ...[0, -1, -0, 1.5, NaN, Infinity, 2 ** 53, null, true, {}, [], [3]],
    ...["", "0", "03", "+3", "-3", " 3", "3 ", "3.0", "3e0", "0x3", "３"],
    ...["9007199254740992", "9".repeat(100_000), ["3", "3"], 3n, "3\n"],
  ]) {
    assert.throws(
      () => readPrecondition({ ifVersion }),
      ({ id, message }: KuzzleError) =>
        id === "plugin.document-update.invalid_argument" &&
        message.startsWith(
          'Invalid argument "ifVersion": expected a version of the document, an integer from 1, found ',
        ) &&
        message.length < 300,
    );
  }
});

it("names the document and both versions of a mismatch", () => {
  for (const [given, expected] of [
    [{ ifVersion: 3 }, "3"],
    [{ ifVersion: "3" }, "3"],
    [{ ifMatch: '"3","4"' }, '"3", "4"'],
    [{ ifMatch: 'W/"7"' }, 'W/"7"'],
    [{ ifMatch: "" }, "none"],
  ] as const) {
    assert.throws(
      () => check(given, 7),
      ({ id, message, props, status }: KuzzleError) => {
        assert.equal(id, "plugin.document-update.version_mismatch");
        assert.equal(status, 412);
        assert.deepEqual(props, ["i", "c", "id", expected, "7"]);
        assert.equal(
          message,
          `The document "i/c/id" was expected at version ${expected}, but is at version 7.`,
        );
        return true;
      },
    );
  }
});

it("accepts any version for *, otherwise one of the list", () => {
  check({ ifMatch: "*" }, 7);
  check({ ifMatch: '"3", "7"' }, 7);
});

it("accepts both if they agree", () => {
  for (const ifMatch of ["*", '"3"', '"3", "4"']) {
    check({ ifMatch, ifVersion: 3 }, 3);
    assert.throws(() => check({ ifMatch, ifVersion: 3 }, 4), {
      id: "plugin.document-update.version_mismatch",
    });
  }
});

it("refuses both if they contradict each other", () => {
  for (const ifMatch of ['"4"', 'W/"3"', "", '"4", "5"']) {
    assert.throws(() => readPrecondition({ ifMatch, ifVersion: 3 }), {
      id: "plugin.document-update.invalid_argument",
    });
  }
  assert.throws(() => readPrecondition({ ifMatch: '"4"', ifVersion: 3 }), {
    message:
      'Invalid argument "ifVersion": expected one that "If-Match" allows, which is "4", found 3.',
  });
});

it("shows no more than the beginning of a long list", () => {
  const ifMatch = '"1",'.repeat(10_000);

  assert.throws(
    () => check({ ifMatch }, 7),
    ({ message }: KuzzleError) => message.includes("…") && message.length < 400,
  );
});
