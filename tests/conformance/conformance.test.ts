import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";

import { type ApiClient, protocols } from "../support/request";
import { type ConformanceCase } from "./ConformanceCase";
import { type Difference, differencesOf } from "./differences";
import { generate } from "./generated";
import { handwritten } from "./handwritten";
import {
  type KnownDifference,
  knownDifferences,
  type Way,
  ways,
} from "./knownDifferences";
import {
  type Observation,
  observe,
  observeContention,
  type Stage,
} from "./observe";
import { clearStage, setGroupStage, setStage } from "./setStage";

const seed = Number(process.env["CONFORMANCE_SEED"] ?? Date.now() % 2 ** 31);
/** All of them on one pair of versions, some on the others: of another seed each time. */
const generated = Number(process.env["CONFORMANCE_GENERATED"] || 80);
const cases: readonly ConformanceCase[] = [
  ...handwritten,
  ...generate(seed, generated),
];

/** What each of them is called by a client. */
const controllers: Readonly<Record<Way, string>> = {
  action: "document-update",
  group: "document-update",
  interception: "document",
};

/** The native observation that a way is compared with: in a group, nothing listens to events. */
function comparable(native: Observation, way: Way): Observation {
  return way === "group" ? { ...native, events: [] } : native;
}

function isPlayed({ pipes }: ConformanceCase, way: Way): boolean {
  return way !== "group" || pipes === undefined;
}

function inWords({ native, path, plugin }: Difference): string {
  const show = (value: unknown) =>
    inspect(value, { breakLength: Infinity, compact: true, depth: 3 });
  return `${path}: native ${show(native)}, plugin ${show(plugin)}`;
}

describe(`against native document:update (seed ${seed})`, () => {
  const met: Record<Way, Set<KnownDifference>> = {
    action: new Set(),
    group: new Set(),
    interception: new Set(),
  };
  // The plugin's own action stands beside the native one; the other ways need an application of their
  // own, and that a database of Redis, lest they be nodes of one cluster.
  let plain: Stage;
  let stages: Readonly<Record<Way, Stage>>;

  before(async () => {
    plain = await setStage();
    stages = {
      action: plain,
      group: await setGroupStage(),
      interception: await setStage({
        "kuzzle_plugins__document-update__interceptNative": "true",
        kuzzle_services__internalCache__options__db: "1",
      }),
    };
  });

  after(() => Promise.all(ways.map((way) => clearStage(stages[way]))));

  /** Says in words where they differ other than as the table knows, and remembers what it knew. */
  function unknownDifferences(
    way: Way,
    native: Observation,
    plugin: Observation,
  ): string[] {
    const all = differencesOf(native, plugin);
    const unknown = all.filter((difference) => {
      const known = knownDifferences.filter(
        (entry) => entry.by.includes(way) && entry.matches(difference, all),
      );
      known.forEach((entry) => met[way].add(entry));
      return known.length === 0;
    });

    return unknown.map(inWords);
  }

  for (const protocol of protocols) {
    describe(`over ${protocol}`, () => {
      let clients: Readonly<Record<Way, ApiClient>>;

      before(async () => {
        clients = {
          action: await plain.application.connect(protocol),
          group: await stages.group.application.connect(protocol),
          interception: await stages.interception.application.connect(protocol),
        };
      });
      after(() =>
        Promise.all(Object.values(clients).map((client) => client.close())),
      );

      for (const each of cases.filter(({ on = protocols }) =>
        on.includes(protocol),
      )) {
        describe(each.name, () => {
          let native: Observation;

          before(async () => {
            native = await observe(plain, clients.action, "document", each);
          });

          it("is answered natively, or is known not to be", () => {
            assert.ok(!("none" in native.answer) || each.unanswered);
          });

          for (const way of ways.filter((one) => isPlayed(each, one))) {
            it(`is the same by ${way}`, async () => {
              const plugin = await observe(
                stages[way],
                clients[way],
                controllers[way],
                each,
              );

              assert.deepEqual(
                unknownDifferences(way, comparable(native, way), plugin),
                [],
              );
            });
          }
        });
      }
    });
  }

  for (const way of ways) {
    it(`stores updates of one document at once by ${way}`, async () => {
      const native = await observeContention(plain, "document");
      const plugin = await observeContention(stages[way], controllers[way]);

      assert.deepEqual(unknownDifferences(way, native, plugin), []);
      assert.ok("body" in plugin.answer);
      assert.equal(plugin.answer.body["error"], null);
    });
  }

  it("has observed groups", async () => {
    const { groups } = await stages.group.application.stage.call({
      action: "stats",
      controller: "document-update",
    });
    // Of the others many are refused before they are written, or ask for what no group gives.
    const played = cases.filter((each) => isPlayed(each, "group"));
    const inCompany = groups.count - groups.buckets["1"];
    assert.ok(inCompany > played.length / 2, JSON.stringify(groups));
  });

  for (const way of ways) {
    it(`meets every difference of the table by ${way}`, () => {
      const unmet = knownDifferences
        .filter((entry) => entry.by.includes(way) && !met[way].has(entry))
        .map(({ where }) => where);
      assert.deepEqual(unmet, []);
    });
  }
});
