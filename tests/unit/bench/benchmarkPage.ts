import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { CHARTS } from "../../bench/charts";
import { goals, judge } from "../../bench/goals";
import { toPage } from "../../bench/page";
import { quotes } from "../../bench/quotes";
import { tableOf } from "../../support/markdown";
import { wordsOf } from "../../support/prose";
import { runWith } from "../../support/benchmarkRun";

const platform = [["Machine", "two cores"]] as const;
const twice = runWith((contender) => (contender === "native" ? 100 : 200));

describe("the benchmark's page", () => {
  it("tells what each mode gains", async () => {
    const rows = tableOf(
      await toPage(twice, platform),
      "mode",
      "gain",
      "cost",
      "when",
    );

    assert.deepEqual(
      rows.map(([mode]) => mode),
      [
        "default",
        "`interceptNative: true`",
        "`prepareJwtKey: true`",
        "`fold`",
        "`batchWrites: false`",
      ],
    );
    assert.match(
      rows[0]?.[1] ?? "",
      /^\*\*2\.00 ×\*\* .* logged-in users; \*\*2\.00 ×\*\* .* \*\*1\.00 ×\*\* on one document, and none fails/,
    );
  });

  it("has the figures of conditional changes", async () => {
    const run = runWith((contender) =>
      contender === "plugin, modify, folded" ? 300 : 200,
    );
    const rows = tableOf(
      await toPage(run, platform),
      "64 in flight",
      "a second",
    );

    assert.deepEqual(
      rows.map(([, gain]) => gain),
      [
        "1.00 × those by a scripted update",
        "1.50 × those by a scripted update",
        "1.00 × those by a scripted update",
        "1.00 × those under a `Mutex`",
        "1.00 × those under a `Mutex`",
        "1.00 × those without",
        "1.00 × those without",
      ],
    );
  });

  it("shows each chart, the machine, and how to repeat it", async () => {
    const page = await toPage(twice, platform);

    assert.deepEqual(
      [...page.matchAll(/\]\(benchmarks\/([\w-]+)\.svg\)/g)].map(
        ([, name]) => name,
      ),
      [...CHARTS],
    );
    assert.match(page, /^- Machine: two cores$/m);
    assert.match(page, /^npm run bench # all/m);
  });

  it("has what a node takes, of logged-in users first, and what one document takes", async () => {
    const page = await toPage(twice, platform);
    const [users, anonymous] = tableOf(
      page,
      "64 updates in flight",
      ...["native, a second", "native, CPU time of one"],
      ...["plugin, a second", "plugin, CPU time of one"],
    );
    const hot = tableOf(
      page,
      ...["in flight", "native: failed", "50 retries: failed"],
      ...["default", "`fold`"],
    );

    assert.deepEqual(
      [users, anonymous],
      [
        ["20 logged-in users", "100", "1 µs", "2.00 ×", "1.00 ×"],
        ["The anonymous user", "100", "1 µs", "2.00 ×", "1.00 ×"],
      ],
    );
    assert.deepEqual(hot[2], ["64", "0", "0", "1.00 ×", "1.00 ×"]);
  });

  it("has the figures that README and docs quote", async () => {
    const page = await toPage(twice, platform);

    for (const [path, quoted] of Object.entries(quotes)) {
      for (const [, figure] of quoted) {
        assert.match(figure(page), /^[\d.]+$/, path);
      }
    }
  });

  it("is no longer than a screen or two", async () => {
    const words = wordsOf(await toPage(twice, platform));

    assert.ok(words < 600, `${words} words`);
  });
});

describe("the benchmark's goals", () => {
  const verdictOn = (name: string, find: Parameters<typeof judge>[1]) => {
    const goal = goals.find((each) => each.name === name);
    assert.ok(goal, name);
    return judge(goal, find).verdict;
  };

  it("are met, not met or not measured", () => {
    assert.equal(verdictOn("default, 64 in flight", twice), "met");
    assert.equal(
      verdictOn(
        "default, 64 in flight",
        runWith(() => 100),
      ),
      "not met",
    );
    assert.equal(
      verdictOn("default, 64 in flight", () => undefined),
      "not measured",
    );
  });

  it("each say something of a whole run, and nothing of none", () => {
    for (const goal of goals) {
      assert.notEqual(judge(goal, twice).verdict, "not measured", goal.name);
      assert.equal(
        judge(goal, () => undefined).verdict,
        "not measured",
        goal.name,
      );
    }
  });

  it("hold the hot document against native's best, at any number in flight", () => {
    const name = goals.find(({ name }) => name.startsWith("fold"))!.name;
    const run = (best: number) =>
      runWith((contender, scenario) => {
        if (contender === "plugin, fold") {
          return 400;
        }
        return scenario === "one hot document, 32 in flight" ? best : 50;
      });

    assert.equal(verdictOn(name, run(100)), "met");
    assert.equal(verdictOn(name, run(101)), "not met");
  });
});
