import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";

import { type ApiClient, type Protocol, protocols } from "../support/request";
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
  observeFold,
  observeRefusal,
  type Stage,
  STORAGE_ERROR,
} from "./observe";
import { clearStage, isStored, setStage } from "./setStage";

const seed = Number(process.env["CONFORMANCE_SEED"] ?? Date.now() % 2 ** 31);
/** All of them on one pair of versions, some on the others: of another seed each time. */
const generated = Number(process.env["CONFORMANCE_GENERATED"] || 80);
const cases: readonly ConformanceCase[] = [
  ...handwritten,
  ...generate(seed, generated),
];

/** Applications, each with a database of Redis of its own, lest they be nodes of one cluster. */
const places = ["plain", "intercepting", "unheard", "application"] as const;

type Place = (typeof places)[number];

/** Where a way is taken, and what a client calls then. */
interface WayTaken {
  readonly place: Place;
  readonly controller: string;
  readonly isInCompany?: boolean;
  /** Nothing listens to events, and no pipes react. */
  readonly isUnheard?: boolean;
  /** In what happens before a write, it is another that is taken on every protocol. */
  readonly isOnOneProtocol?: boolean;
}

const taken: Readonly<Record<Way, WayTaken>> = {
  action: { controller: "document-update", place: "plain" },
  application: {
    controller: "document",
    isInCompany: true,
    isOnOneProtocol: true,
    place: "application",
  },
  batched: {
    controller: "document-update",
    isInCompany: true,
    isOnOneProtocol: true,
    place: "plain",
  },
  folded: {
    controller: "document-update-folded",
    isOnOneProtocol: true,
    isUnheard: true,
    place: "unheard",
  },
  interception: { controller: "document", place: "intercepting" },
  single: {
    controller: "document-update-single",
    isOnOneProtocol: true,
    place: "plain",
  },
  unheard: {
    controller: "document-update",
    isInCompany: true,
    isOnOneProtocol: true,
    isUnheard: true,
    place: "unheard",
  },
};

const environments: Readonly<Record<Place, Record<string, string>>> = {
  application: {
    "kuzzle_plugins__document-update__batchWrites": "application",
    kuzzle_services__internalCache__options__db: "3",
  },
  intercepting: {
    "kuzzle_plugins__document-update__interceptNative": "true",
    kuzzle_services__internalCache__options__db: "1",
  },
  plain: { PROBE_INSTANCES: "document-update-single" },
  unheard: {
    PROBE_EVENTS: "false",
    PROBE_INSTANCES: "document-update-folded",
    kuzzle_services__internalCache__options__db: "2",
  },
};

/** The native observation that a way is compared with. */
function comparable(native: Observation, way: Way): Observation {
  const events = native.events.filter(({ event }) => event === STORAGE_ERROR);

  return taken[way].isUnheard ? { ...native, events } : native;
}

function isPlayed(
  each: ConformanceCase,
  position: number,
  way: Way,
  protocol: Protocol,
): boolean {
  const { on = protocols, pipes } = each;
  const { isOnOneProtocol, isUnheard } = taken[way];

  return (
    !(isUnheard && pipes) &&
    !(isOnOneProtocol && on[position % on.length] !== protocol)
  );
}

function succeeded({ answer }: Observation): boolean {
  return "body" in answer && answer.body["error"] === null;
}

function inWords({ native, path, plugin }: Difference): string {
  const show = (value: unknown) =>
    inspect(value, { breakLength: Infinity, compact: true, depth: 3 });
  return `${path}: native ${show(native)}, plugin ${show(plugin)}`;
}

describe(`against native document:update (seed ${seed})`, () => {
  const met = Object.fromEntries(
    ways.map((way) => [way, new Set()]),
  ) as unknown as Readonly<Record<Way, Set<KnownDifference>>>;
  const stages = {} as Record<Place, Stage>;

  before(async () => {
    for (const place of places) {
      stages[place] = await setStage(environments[place]);
    }
  });

  after(() => Promise.all(Object.values(stages).map(clearStage)));

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
      const clients = {} as Record<Place, ApiClient>;

      before(async () => {
        for (const place of places) {
          const { application } = stages[place];
          clients[place] = await application.connect(protocol);
        }
      });
      after(() =>
        Promise.all(Object.values(clients).map((client) => client.close())),
      );

      for (const [position, each] of cases.entries()) {
        if (!(each.on ?? protocols).includes(protocol)) {
          continue;
        }
        const played = ways.filter((way) =>
          isPlayed(each, position, way, protocol),
        );

        describe(each.name, () => {
          let isPossible = true;
          let native: Observation;
          const observed: Partial<Record<Way, Observation>> = {};

          before(async () => {
            isPossible =
              (each.collection ?? "plain") in stages.plain.collections;
            if (!isPossible) {
              return;
            }
            const natively = { client: clients.plain, controller: "document" };
            // One after another in each application, the applications beside each other.
            const tasks = places.map(async (place) => {
              if (place === "plain") {
                native = await observe(stages.plain, natively, each);
              }
              for (const way of played) {
                if (taken[way].place === place) {
                  const sender = { client: clients[place], ...taken[way] };
                  observed[way] = await observe(stages[place], sender, each);
                }
              }
            });
            await Promise.all(tasks);
          });

          it("is answered natively, or differs as documented", (test) => {
            if (!isPossible) {
              return test.skip("this Elasticsearch has no such collection");
            }
            assert.ok(!("none" in native.answer) || each.unanswered);
          });

          for (const way of played) {
            it(`is the same by ${way}`, (test) => {
              const plugin = observed[way];
              if (!plugin) {
                return test.skip("this Elasticsearch has no such collection");
              }
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

  describe("folded with updates of the same document", () => {
    for (const each of handwritten) {
      const { collection = "plain", on = protocols } = each;
      const { pipes, request = {}, storedPastKuzzle } = each;
      // An id, or a body, of its own protocol is not what they have in common. Those of two users, and
      // those that are read before they are written, may overtake each other above storage.
      if (
        pipes ||
        // A difference of the table.
        storedPastKuzzle ||
        !on.includes("websocket") ||
        ["jwt", "requestId"].some((name) => name in request) ||
        ["specified", "strict"].includes(collection)
      ) {
        continue;
      }
      it(`${each.name}: each is answered as one after another`, async (test) => {
        if (!(collection in stages.unheard.collections)) {
          return test.skip("this Elasticsearch has no such collection");
        }
        const [native, plugin] = await Promise.all([
          observeFold(stages.plain, "document", each, false),
          observeFold(stages.unheard, "document-update-folded", each, true),
        ]);

        assert.deepEqual(plugin, native);
      });
    }

    it("has folded", async () => {
      const { folds } = await stages.unheard.application.stage.call({
        action: "stats",
        controller: "document-update-folded",
      });
      assert.ok(folds.count > handwritten.length / 4, JSON.stringify(folds));
    });
  });

  for (const way of ways) {
    const { controller, place } = taken[way];

    it(`stores updates of one document at once by ${way}`, async () => {
      const native = await observeContention(stages.plain, "document");
      const plugin = await observeContention(stages[place], controller);

      assert.deepEqual(unknownDifferences(way, native, plugin), []);
      assert.ok("body" in plugin.answer);
      assert.equal(plugin.answer.body["error"], null);
    });

    it(`answers all updates of a refused request by ${way} as native does`, async () => {
      const native = await observeRefusal(stages.plain, "document");
      let plugin = await observeRefusal(stages[place], controller);
      // Those that are read first reach storage one by one, and may not leave in one request.
      for (
        let tries = 0;
        tries < 10 && way !== "single" && succeeded(plugin.neighbour);
        tries++
      ) {
        plugin = await observeRefusal(stages[place], controller);
      }

      for (const of of ["refused", "neighbour"] as const) {
        assert.deepEqual(unknownDifferences(way, native[of], plugin[of]), []);
      }
    });
  }

  for (const way of ["batched", "unheard", "application"] as const) {
    it(`has observed batches by ${way}`, async () => {
      const { batches } = await stages[taken[way].place].application.stage.call(
        { action: "stats", controller: "document-update" },
      );
      // Of the others many are refused before they are written, or ask for what no batch gives.
      const played = cases.filter(
        ({ pipes }) => !(taken[way].isUnheard && pipes),
      );
      const inCompany = batches.count - batches.buckets["1"];
      assert.ok(inCompany > played.length / 2, JSON.stringify(batches));
    });
  }

  for (const place of places) {
    it(`does not recreate a collection that was deleted without Kuzzle (${place})`, async () => {
      const { application, collections, index } = stages[place];
      const gone = { collection: String(collections["gone"]), index };
      assert.equal(await isStored(application, gone), false);
    });
  }

  for (const way of ways) {
    it(`meets every difference of the table by ${way}`, () => {
      const major = stages.plain.application.elasticsearchMajor;
      const unmet = knownDifferences
        .filter(
          (entry) =>
            entry.by.includes(way) &&
            (entry.onVersion ?? major) === major &&
            !met[way].has(entry),
        )
        .map(({ where }) => where);
      assert.deepEqual(unmet, []);
    });
  }
});
