import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";

import {
  etagOf,
  matchesVersion,
  parseIfMatch,
} from "../../../lib/change/preconditions";

const messageOf = (header: string): string => {
  try {
    parseIfMatch(header);
  } catch (error) {
    const { id, message } = error as Error & { id: string };
    assert.equal(id, "plugin.document-update.invalid_argument");
    return message;
  }
  return "accepted";
};

it("reads a list of entity tags, with white space and empty elements", () => {
  for (const [header, tags] of [
    ['"3"', ['"3"']],
    ['"3","4"', ['"3"', '"4"']],
    [' \t"3" \t, \t"4"\t ', ['"3"', '"4"']],
    [',, "3" ,, "4",,', ['"3"', '"4"']],
    ['W/"3", "4"', ['W/"3"', '"4"']],
    ['"a,b", "", "\\", "é~!#"', ['"a,b"', '""', '"\\"', '"é~!#"']],
    ["", []],
    [" , ,", []],
  ] as const) {
    assert.deepEqual(parseIfMatch(header), tags, header);
  }
});

it("reads * as any version", () => {
  assert.equal(parseIfMatch("*"), "*");
  assert.equal(parseIfMatch("\t * "), "*");
});

it("refuses what is malformed, and shows no more than its beginning", () => {
  for (const header of [
    "3",
    '"3',
    '3"',
    '"3" "4"',
    '"3""4"',
    '"3";',
    'w/"3"',
    'W/ "3"',
    "W/3",
    '*, "3"',
    '"3", *',
    "**",
    '"a b"',
    '"a\nb"',
    '"3"\r\n',
    "'3'",
  ]) {
    assert.match(
      messageOf(header),
      /^Invalid argument "If-Match": expected \* or a list of entity tags, such as "3", found /,
      JSON.stringify(header),
    );
  }
  assert.ok(messageOf('"'.padEnd(100_000, "x")).length < 300);
});

it("compares strongly", () => {
  const matches = (header: string) => matchesVersion(parseIfMatch(header), 3);

  for (const header of ["*", '"3"', '"2","3"', 'W/"3", "3"']) {
    assert.ok(matches(header), header);
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
    assert.notEqual(messageOf(`${long(piece)}\n`), "accepted");
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
