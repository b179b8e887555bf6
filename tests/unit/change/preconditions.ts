import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { KuzzleError } from "kuzzle";

import {
  checkPrecondition,
  etagOf,
  matchesVersion,
  parseIfMatch,
  readPrecondition,
} from "../../../lib/change/preconditions";

const target = { _id: "id", collection: "c", index: "i" };

type Given = Parameters<typeof readPrecondition>[0];

const check = (given: Given, version: number) => {
  const precondition = readPrecondition(given);
  assert.ok(precondition);
  checkPrecondition(precondition, target, version);
};

/** The message of an invalid argument, which shows no more than the beginning of what was found. */
const messageOf = (given: Given): string => {
  try {
    readPrecondition(given);
  } catch (error) {
    const { id, message } = error as KuzzleError;
    assert.equal(id, "plugin.document-update.invalid_argument");
    assert.ok(message.length < 300);
    return message;
  }
  return "accepted";
};

it("is undefined if the request requires no version", () => {
  for (const given of [{}, { ifMatch: undefined, ifVersion: undefined }]) {
    assert.equal(readPrecondition(given), undefined);
  }
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
    assert.match(
      messageOf({ ifVersion }),
      /^Invalid argument "ifVersion": expected a version of the document, an integer from 1, found /,
    );
  }
});

it("reads a list of entity tags, with white space and empty elements, or * for any version", () => {
  for (const [header, tags] of [
    ['"3"', ['"3"']],
    [' \t"3" \t, \t"4"\t ', ['"3"', '"4"']],
    [',, "3","4",,', ['"3"', '"4"']],
    ['W/"3", "4"', ['W/"3"', '"4"']],
    ['"a,b", "", "\\", "é~!#"', ['"a,b"', '""', '"\\"', '"é~!#"']],
    ["", []],
    [" , ,", []],
    ["*", "*"],
    ["\t * ", "*"],
  ] as const) {
    assert.deepEqual(parseIfMatch(header), tags, header);
  }
});

it("refuses a header that is malformed", () => {
  for (const ifMatch of [
    ...["3", '"3', '3"', '"3" "4"', '"3""4"', '"3";', 'w/"3"', 'W/ "3"'],
    ...["W/3", '*, "3"', '"3", *', "**", '"a b"', '"a\nb"', '"3"\r\n', "'3'"],
    '"'.padEnd(100_000, "x"),
  ]) {
    assert.match(
      messageOf({ ifMatch }),
      /^Invalid argument "If-Match": expected \* or a list of entity tags, such as "3", found /,
    );
  }
});

it("compares strongly", () => {
  const matches = (header: string) => matchesVersion(parseIfMatch(header), 3);

  for (const header of ["*", '"3"', '"2","3"', 'W/"3", "3"']) {
    assert.ok(matches(header), header);
    check({ ifMatch: header }, 3);
  }
  for (const header of ['W/"3"', '"03"', '"3.0"', '"4"', ""]) {
    assert.ok(!matches(header), header);
  }
});

it("takes linear time, or this test would not end", () => {
  const long = (piece: string) => piece.repeat(200_000);

  assert.equal(parseIfMatch(long('"1" , ')).length, 200_000);
  assert.deepEqual(parseIfMatch(long("\t,")), []);
  for (const piece of [" ", "\t,", '"', '""', "W/", 'W/"', '" "', '"3" , ']) {
    assert.notEqual(messageOf({ ifMatch: `${long(piece)}\n` }), "accepted");
  }
});

it("reads the tag that it writes for a version", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1 })), (versions) => {
      const read = parseIfMatch(versions.map(etagOf).join(" ,"));

      assert.ok(versions.every((version) => matchesVersion(read, version)));
      assert.equal(matchesVersion(read, 0), false);
    }),
  );
});

it("names the document and both versions of a mismatch", () => {
  for (const [given, expected] of [
    [{ ifVersion: "3" }, "3"],
    [{ ifMatch: '"3","4"' }, '"3", "4"'],
    [{ ifMatch: 'W/"7"' }, 'W/"7"'],
    [{ ifMatch: "" }, "none"],
  ] as const) {
    assert.throws(() => check(given, 7), {
      id: "plugin.document-update.version_mismatch",
      message: `The document "i/c/id" was expected at version ${expected}, but is at version 7.`,
      props: ["i", "c", "id", expected, "7"],
      status: 412,
    });
  }
  assert.throws(
    () => check({ ifMatch: '"1",'.repeat(10_000) }, 7),
    ({ message }: KuzzleError) => message.includes("…") && message.length < 400,
  );
});

it("accepts both arguments if they agree, and refuses those that contradict each other", () => {
  for (const ifMatch of ["*", '"3"', '"3", "4"']) {
    check({ ifMatch, ifVersion: 3 }, 3);
    assert.throws(() => check({ ifMatch, ifVersion: 3 }, 4), {
      id: "plugin.document-update.version_mismatch",
    });
  }
  for (const ifMatch of ['"4"', 'W/"3"', "", '"4", "5"']) {
    assert.match(
      messageOf({ ifMatch, ifVersion: 3 }),
      /^Invalid argument "ifVersion": expected one that "If-Match" allows, which is .*, found 3\.$/,
    );
  }
});
