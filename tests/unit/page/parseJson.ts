import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { parseJson } from "../../../demo/page/json/parseJson";

describe("the page's JSON editor", () => {
  it("reads what JSON.parse reads, as it does", () => {
    for (const text of ['{"a":[1,-2.5e3,"é",null,true]}', "0", '""', " [] "]) {
      assert.deepEqual(parseJson(text), { value: JSON.parse(text) as unknown });
    }
  });

  it("tells the line and the column of the first error, and what is wrong", () => {
    const cases = {
      '{"a":1, 2}': [1, 9, "a property name in double quotes is expected"],
      '{"a":1': [1, 7, "a } or a comma is expected"],
      '{"a" 1}': [1, 6, "a colon is expected"],
      '{\n  "a": Liia\n}': [
        2,
        8,
        "this is not a value: strings need double quotes",
      ],
      '{\n  "a": "Liia\n}': [2, 8, "the string has no closing quote"],
      "[1 2]": [1, 4, "a comma is expected"],
      "[1] 2": [1, 5, "nothing may follow the value"],
      "{} // none": [1, 4, "JSON has no comments"],
    };

    for (const [text, [line, column, message]] of Object.entries(cases)) {
      const { error } = parseJson(text);
      assert.deepEqual(
        [error?.line, error?.column, error?.message],
        [line, column, message],
        text,
      );
    }
  });

  it("calls a trailing comma one, on the line that has it", () => {
    const comma = "a trailing comma: JSON has none after the last value";
    const cases = {
      '{\n  "a": 1,\n\n}': [2, 9, comma],
      "[1,\n2 ,]": [2, 3, comma],
      "[1,,2]": [1, 4, "a value is expected"],
      '{"a": ","': [1, 10, "a } or a comma is expected"],
    };

    for (const [text, expected] of Object.entries(cases)) {
      const { error } = parseJson(text);
      assert.deepEqual([error?.line, error?.column, error?.message], expected);
    }
  });

  it("refuses whatever JSON.parse refuses", () => {
    for (const text of [
      "01",
      "1.",
      "'a'",
      "[1,]",
      "nul",
      "{a:1}",
      "\u00a0{}",
    ]) {
      assert.throws(() => JSON.parse(text), text);
      assert.notEqual(parseJson(text).error, undefined, text);
    }
  });
});
