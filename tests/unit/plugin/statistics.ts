import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { exponentOf, percentile, spreadOf } from "../../bench/statistics";

describe("the benchmark's statistics", () => {
  it("takes the middle of several measurements, and how far they spread", () => {
    assert.deepEqual(spreadOf([3, 1, 10]), { max: 10, median: 3, min: 1 });
    assert.deepEqual(spreadOf([4, 1, 2, 3]), { max: 4, median: 2.5, min: 1 });
    assert.deepEqual(spreadOf([NaN, 2]), { max: 2, median: 2, min: 2 });
  });

  it("takes a percentile to be a value that was measured", () => {
    const hundred = Array.from({ length: 100 }, (_, n) => n + 1);

    assert.equal(percentile(hundred, 0.5), 50);
    assert.equal(percentile(hundred, 0.99), 99);
    assert.equal(percentile([7], 0.5), 7);
  });

  it("finds the exponent that a cost grows with", () => {
    const sizes = [1, 10, 100, 1_000];
    const exponent = (cost: (size: number) => number) =>
      exponentOf(sizes.map((size) => [size, cost(size)])).toFixed(3);

    assert.equal(
      exponent(() => 5),
      "0.000",
    );
    assert.equal(
      exponent((size) => 3 * size),
      "1.000",
    );
    assert.equal(
      exponent((size) => size ** 2),
      "2.000",
    );
  });
});
