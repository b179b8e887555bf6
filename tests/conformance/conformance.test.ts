import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";

import { type ApiClient, protocols } from "../support/request";
import { TestApplication } from "../support/TestApplication";
import { WebSocketClient } from "../support/WebSocketClient";
import { type ConformanceCase } from "./ConformanceCase";
import { type Difference, differencesOf } from "./differences";
import { generate } from "./generated";
import { handwritten } from "./handwritten";
import { type KnownDifference, knownDifferences } from "./knownDifferences";
import { observe, type Stage } from "./observe";

const seed = Number(process.env["CONFORMANCE_SEED"] ?? Date.now() % 2 ** 31);
const cases: readonly ConformanceCase[] = [
  ...handwritten,
  ...generate(seed, 80),
];
const specification = {
  fields: {
    count: {
      mandatory: false,
      type: "integer",
      typeOptions: { range: { max: 1000, min: 0 } },
    },
    nested: {
      mandatory: false,
      type: "object",
      typeOptions: { strict: false },
    },
    state: { mandatory: false, type: "string" },
  },
};

function inWords({ native, path, plugin }: Difference): string {
  const show = (value: unknown) =>
    inspect(value, { breakLength: Infinity, compact: true, depth: 3 });
  return `${path}: native ${show(native)}, plugin ${show(plugin)}`;
}

describe("document-update:update against document:update", () => {
  const met = new Set<KnownDifference>();
  let application: TestApplication;
  let stage: Stage;

  before(async () => {
    application = await TestApplication.start();
    const { collection: plain, index } = await application.createCollection(
      "plain",
      {
        mappings: {
          dynamic: "true",
          properties: {
            count: { type: "integer" },
            state: { type: "keyword" },
          },
        },
      },
    );
    const { collection: rigid } = await application.createCollection("rigid", {
      mappings: {
        dynamic: "strict",
        properties: { count: { type: "integer" } },
      },
    });
    // Takes any document: nothing is indexed.
    const { collection: loose } = await application.createCollection("loose", {
      mappings: { dynamic: "false" },
      settings: { refresh_interval: "100ms" },
    });
    const specified = await specifiedCollection("specified", false);
    const strict = await specifiedCollection("strict", true);
    stage = {
      application,
      collections: { loose, plain, rigid, specified, strict },
      index,
      subscriber: await WebSocketClient.connect(application.port),
      tokens: {
        author: await application.createUser("author", {
          "*": { actions: { "*": true } },
        }),
        outsider: await application.createUser("outsider", {
          "document-update": { actions: { update: true } },
        }),
      },
    };
  });

  after(async () => {
    await stage.subscriber.close();
    await application.stop();
  });

  async function specifiedCollection(
    name: string,
    strict: boolean,
  ): Promise<string> {
    const { collection, index } = await application.createCollection(name);
    await application.stage.call({
      action: "updateSpecifications",
      body: { ...specification, strict },
      collection,
      controller: "collection",
      index,
    });
    return collection;
  }

  for (const protocol of protocols) {
    describe(`over ${protocol}`, () => {
      let client: ApiClient;

      before(async () => {
        client = await application.connect(protocol);
      });
      after(() => client.close());

      for (const each of cases.filter(({ on = protocols }) =>
        on.includes(protocol),
      )) {
        it(each.name, async () => {
          const native = await observe(stage, client, "native", each);
          const plugin = await observe(stage, client, "plugin", each);

          const all = differencesOf(native, plugin);
          const unknown = all.filter((difference) => {
            const known = knownDifferences.filter(({ matches }) =>
              matches(difference, all),
            );
            known.forEach((entry) => met.add(entry));
            return known.length === 0;
          });
          assert.deepEqual(unknown.map(inWords), []);
          assert.ok(!("none" in native.answer) || each.unanswered);
        });
      }
    });
  }

  it("meets every difference of the table", () => {
    const unmet = knownDifferences
      .filter((entry) => !met.has(entry))
      .map(({ where }) => where);
    assert.deepEqual(unmet, []);
  });
});
