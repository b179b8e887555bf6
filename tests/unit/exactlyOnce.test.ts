import assert from "node:assert/strict";
import { afterEach, beforeEach, it, mock } from "node:test";

import fc from "fast-check";
import type { JSONObject, KuzzleError } from "kuzzle";

import { aPlugin } from "../support/aPlugin";
import { type Sent, writeOf } from "../support/fakeElasticsearch";
import { aRequest } from "../support/fakeKuzzle";

/** What happens to a write on its way to storage and back. */
type Fate =
  "go" | "lost" | "other" | "refused" | "storedAndLost" | "storedAnd503";

/** Errors that say that it is unknown whether the change is stored. */
const UNKNOWN = [
  "plugin.document-update.outcome_unknown",
  "plugin.document-update.request_outcome_unknown",
  "services.storage.unexpected_error",
];

beforeEach(() => {
  mock.method(Math, "random", () => 0);
});
afterEach(() => mock.restoreAll());

/** A counter, in a storage that loses requests and answers. */
async function aCounter(fates: readonly Fate[]) {
  const { kuzzle, modify } = await aPlugin({ batchWrites: false });
  const { elasticsearch } = kuzzle;
  elasticsearch.store("liia", { seats: 0 });
  const left = [...fates];
  elasticsearch.respond = (sent) =>
    sent.path.includes("/_update/")
      ? meet(sent, left.shift() ?? "go")
      : undefined;
  const meet = ({ body, querystring }: Sent, fate: Fate) => {
    const { source, version } = elasticsearch.stored.get("liia")!;
    const change = (changes: JSONObject) =>
      elasticsearch.stored.set("liia", {
        source: { ...source, ...changes },
        version: version + 1,
      });
    switch (fate) {
      case "lost":
        throw new Error("lost");
      case "other":
        change({ color: version });
        return undefined;
      case "refused":
        return { body: {}, status: 429 };
      case "storedAndLost":
      case "storedAnd503": {
        const expected = new URLSearchParams(querystring).get("if_seq_no");
        if (Number(expected) === writeOf({ version })._seq_no) {
          change((JSON.parse(body) as { doc: JSONObject }).doc);
        }
        if (fate === "storedAndLost") {
          throw new Error("lost");
        }
        return { body: {}, status: 503 };
      }
      case "go":
        return undefined;
    }
  };
  return {
    increment: async (data: JSONObject) => {
      const body = { operators: { increment: { seats: 1 } } };
      const request = aRequest({ action: "modify", body, ...data });
      try {
        const { _source } = (await modify(request)) as JSONObject;
        return Number(_source.seats);
      } catch (error) {
        return (error as KuzzleError).id;
      }
    },
    seats: () => Number(elasticsearch.stored.get("liia")!.source["seats"]),
  };
}

/** Each client gets a different value, and only increments that were sent are counted. */
function check(outcomes: readonly (number | string)[], seats: number): void {
  const values = outcomes.filter((outcome) => typeof outcome === "number");
  const unknown = outcomes.filter((outcome) =>
    UNKNOWN.includes(String(outcome)),
  );

  assert.equal(new Set(values).size, values.length, String(outcomes));
  assert.ok(values.length <= seats, `${seats}: ${String(outcomes)}`);
  assert.ok(
    seats <= values.length + unknown.length,
    `${seats}: ${String(outcomes)}`,
  );
}

const fates = fc.array(
  fc.constantFrom<Fate>(
    ...(["go", "go", "lost", "other", "refused"] as const),
    ...(["storedAndLost", "storedAnd503"] as const),
  ),
  { maxLength: 30 },
);

it("counts each increment once, whatever storage loses", async () => {
  await fc.assert(
    fc.asyncProperty(fates, async (all) => {
      const { increment, seats } = await aCounter(all);

      const outcomes = await Promise.all(
        Array.from({ length: 6 }, () => increment({})),
      );

      check(outcomes, seats());
    }),
    { numRuns: 40 },
  );
});

it("counts each increment once that is repeated with a key until it is answered", async () => {
  await fc.assert(
    fc.asyncProperty(fates, async (all) => {
      const { increment, seats } = await aCounter(all);
      const learn = async (requestKey: string) => {
        let outcome: number | string = "";
        for (let tries = 0; tries < 40; tries++) {
          outcome = await increment({ requestKey });
          if (
            typeof outcome === "number" ||
            outcome === "plugin.document-update.request_outcome_unknown"
          ) {
            break;
          }
        }
        return outcome;
      };

      const outcomes = await Promise.all(
        ["a", "b", "c", "d", "e", "f"].map(learn),
      );

      check(outcomes, seats());
      assert.ok(
        outcomes.every((outcome) => outcome !== ""),
        String(outcomes),
      );
    }),
    { numRuns: 40 },
  );
});
