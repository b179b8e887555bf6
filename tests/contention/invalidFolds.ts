import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import type { TestApplication } from "../support/TestApplication";
import { Flock, versionOrError } from "./Flock";
import { kept, statsOf } from "./setting";

/** Those of one connection that come at once: beyond 50 (`maxConcurrentPipes`), Kuzzle mixes them up. */
const UPDATES = 45;
const ACKNOWLEDGED = "acknowledged";
const BAD_REQUEST = "400 services.storage.unexpected_bad_request";
const properties = { kept: { type: "boolean" }, n: { type: "integer" } };

/** Updates that are made invalid. */
const isBad = (n: number) => n % 3 === 1;

interface InvalidUpdates {
  readonly name: string;
  readonly error: string;
  /** What an update that is bad sends, beside what all do. */
  readonly bad: JSONObject;
  readonly specifications?: JSONObject;
  /** Whether the others are folded all the same. */
  readonly areFolded: boolean;
  /** Whether the next update that it is folded with replaces all of it: then nobody is told. */
  readonly isReplaced?: boolean;
}

const cases: readonly InvalidUpdates[] = [
  {
    areFolded: true,
    bad: { body: { n: "text" } },
    error: BAD_REQUEST,
    isReplaced: true,
    name: "a text for an integer field, unless the next update replaces it",
  },
  {
    areFolded: false,
    bad: { body: { n: 1_000 } },
    error: "400 validation.check.failed_field",
    name: "a value that a specification refuses, and the next update replaces",
    specifications: {
      fields: {
        n: { type: "integer", typeOptions: { range: { max: 100 } } },
      },
      strict: false,
    },
  },
  {
    areFolded: true,
    bad: { args: { refresh: "perhaps" } },
    error: "400 services.storage.invalid_argument",
    name: "an invalid refresh",
  },
  {
    areFolded: true,
    bad: { args: { retryOnConflict: "often" } },
    error: BAD_REQUEST,
    name: "an invalid retryOnConflict",
  },
];

export function invalidFolds(of: () => TestApplication): void {
  describe("updates of one document, pipelined to be folded", () => {
    for (const [
      number,
      { areFolded, bad, error, isReplaced, name, specifications },
    ] of cases.entries()) {
      it(`fail by themselves, each of them, of ${name}`, async () => {
        const application = of();
        const mappings = { dynamic: "strict", properties };
        const flock = await Flock.of(application, `fold-invalid-${number}`, 1, {
          mappings,
        });
        const [_id = ""] = flock.ids;
        if (specifications) {
          await application.stage.call({
            ...flock.target,
            action: "updateSpecifications",
            body: specifications,
            controller: "collection",
          });
        }
        const { folds: before } = await statsOf(application);

        const answers = await Promise.all(
          Array.from({ length: UPDATES }, (_, n) =>
            flock.update(_id, { n }, isBad(n) ? bad : {}),
          ),
        );

        const outcomes = answers.map((answer) =>
          answer["error"] ? versionOrError(answer) : ACKNOWLEDGED,
        );
        assert.deepEqual(
          outcomes,
          outcomes.map((outcome, n) =>
            isBad(n) && !(isReplaced && outcome === ACKNOWLEDGED)
              ? error
              : ACKNOWLEDGED,
          ),
        );
        const [content] = await flock.contents();
        const { folds } = await statsOf(application);
        assert.equal(folds.count > before.count, areFolded);
        if (areFolded) {
          assert.deepEqual(content, { ...kept, n: UPDATES - 1 });
        } else {
          assert.ok(!isBad(content?.["n"]));
        }
        await flock.close();
      });
    }
  });
}
