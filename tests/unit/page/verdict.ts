import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { Figures } from "../../../demo/page/storm/Ledger";
import {
  ratioOf,
  type Result,
  type Sentence,
  verdict,
} from "../../../demo/page/storm/verdict";

const figures = (stored: number, rest: Partial<Figures> = {}): Figures => ({
  answeredPerSecond: stored,
  errors: new Map(),
  failed: 0,
  outOfOrder: 0,
  overwritten: 0,
  p50: 1,
  p95: 1,
  p99: 1,
  perSecond: stored,
  stored,
  ...rest,
});
const textOf = (sentence: Sentence) =>
  sentence
    .map((part) =>
      typeof part === "string" ? part : Object.values(part).join(""),
    )
    .join("");
const told = (results: readonly Result[]) => verdict(results).map(textOf);
const result = (name: string, found: Figures, updates = 1_000): Result => ({
  figures: found,
  kind: "update",
  name,
  updates,
});

describe("the page's verdict on a storm", () => {
  it("says what was stored, what failed and with what, and how much faster it was", () => {
    const errors = new Map([
      ["services.storage.other", 1],
      ["services.storage.unexpected_error", 599],
    ]);
    const native = figures(400, { errors, failed: 600, outOfOrder: 3 });

    assert.deepEqual(
      told([result("native", native), result("the plugin", figures(1_000))]),
      [
        "Native stored 400 of 1,000 updates; 600 failed, most with services.storage.unexpected_error; 3 were stored out of order.",
        "The plugin stored all 1,000 updates, 2.5 times as many per second as native.",
      ],
    );
  });

  it("has the names, the counts and the ids of errors stand out", () => {
    const errors = new Map([["services.storage.unexpected_error", 1]]);
    const [sentence = []] = verdict([
      result("native", figures(999, { errors, failed: 1, outOfOrder: 1 })),
    ]);

    assert.deepEqual(
      sentence.filter((part) => typeof part !== "string"),
      [
        { strong: "Native" },
        { strong: "999" },
        { strong: "1 failed" },
        { error: "services.storage.unexpected_error" },
        { strong: "1" },
      ],
    );
    assert.match(textOf(sentence), /; 1 was stored out of order\.$/);
  });

  it("does not count as kept what other clients have overwritten", () => {
    const loop = figures(1_000, { overwritten: 900 });
    const modify = figures(500);

    assert.equal(ratioOf(modify, loop), 5);
  });

  it("says of counters how many were answered and how soon, too, and nothing of their order", () => {
    const loop = figures(1_000, { outOfOrder: 7, overwritten: 900, p50: 21 });

    assert.deepEqual(told([{ ...result("the loop", loop), kind: "counter" }]), [
      "The loop counted 100 of 1,000 increments; 900 were acknowledged, and overwritten by another client; 1,000 answered a second, median latency 21 ms.",
    ]);
  });

  it("compares with nothing where nothing was stored", () => {
    assert.deepEqual(
      told([
        result(
          "native",
          figures(0, { errors: new Map([["refused", 10]]), failed: 10 }),
          10,
        ),
        result("the plugin", figures(10), 10),
      ]),
      [
        "Native stored 0 of 10 updates; 10 failed with refused.",
        "The plugin stored all 10 updates.",
      ],
    );
  });
});
