import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { Hiding } from "../application/hidings";
import { documentOf, errorOf, stored } from "../change/setting";
import type { ApiRequest, Target } from "../support/request";
import { TestApplication } from "../support/TestApplication";

const UNAVAILABLE = "503 plugin.document-update.conditional_writes_unavailable";
const WARNING = "This Kuzzle is not as expected";

type Document = Target & { readonly _id: string };

/** A request of each kind that needs to be conditional. */
const conditional: readonly ApiRequest[] = [
  { action: "update", args: { ifVersion: 1 }, body: { n: 2 } },
  { action: "update", args: { skipUnchanged: true }, body: { n: 2 } },
  { action: "update", args: { dryRun: true }, body: { n: 2 } },
  { action: "modify", body: { operators: { increment: { n: 1 } } } },
  { action: "modify", body: { operators: { unset: ["n"] } } },
];

/** An application from which something is hidden, and how its requests are sent. */
function hiding(hidden: readonly Hiding[]) {
  let application: TestApplication;
  let jwt: string;
  let target: Target;
  before(async () => {
    application = await TestApplication.start(
      { HIDDEN: hidden.join() },
      "tests/application/hidden.ts",
    );
    target = await application.createCollection("conditional");
    jwt = await application.createUser("author", {
      "*": { actions: { "*": true } },
    });
  });
  after(() => application?.stop());

  const send = async (document: object, request: ApiRequest) => {
    const answer = await application.stage.send({
      ...document,
      controller: "document-update",
      jwt,
      ...request,
    });
    return errorOf(answer);
  };
  const aDocument = (_id: string) => stored(application, target, _id, { n: 1 });

  return {
    aDocument,
    documentOf: (document: Document) => documentOf(application, document),
    refusesConditional: async () => {
      const document = await aDocument("refused");
      for (const request of conditional) {
        assert.equal(await send(document, request), UNAVAILABLE);
      }
      assert.deepEqual(await documentOf(application, document), {
        content: { n: 1 },
        version: 1,
      });

      const plain = { action: "update", body: { n: 3 } };
      assert.equal(await send(document, plain), null);
      assert.deepEqual(await documentOf(application, document), {
        content: { n: 3 },
        version: 2,
      });
    },
    send,
    warnings: async () => {
      const lines = (await application.log()).split("\n");
      return lines.filter((line) => line.includes(WARNING));
    },
  };
}

/** One of them each time. */
const seed = Number(process.env["CONFORMANCE_SEED"] ?? Date.now());
const missing = [
  ["client's update", "its client of Elasticsearch"],
  ["client's class", "its client of Elasticsearch"],
] as const;
const [hidden, name] = missing[seed % missing.length]!;

describe(`without ${hidden}`, () => {
  const kuzzle = hiding([hidden]);

  it("a warning tells at start that changes on a condition are refused", async () => {
    const [warning = "", ...others] = await kuzzle.warnings();

    assert.deepEqual(others, []);
    assert.ok(warning.includes(name), warning);
    assert.match(warning, /those on a condition are refused/);
  });

  it("they are, and plain updates are not", () => kuzzle.refusesConditional());
});

describe("if Kuzzle loses the tag of an update after the start", () => {
  const kuzzle = hiding(["tags"]);

  it("a write without its condition is an error, and a plain one is stored", async () => {
    const document = await kuzzle.aDocument("lost");

    for (const version of [1, 2]) {
      assert.equal(
        await kuzzle.send(document, {
          action: "update",
          args: { ifVersion: version },
          body: { n: 2 },
        }),
        "500 plugin.document-update.condition_lost",
      );
    }
    const plain = { action: "update", body: { n: 3 } };
    assert.equal(await kuzzle.send(document, plain), null);

    assert.deepEqual(await kuzzle.documentOf(document), {
      content: { n: 3 },
      version: 4,
    });
    assert.deepEqual(await kuzzle.warnings(), []);
  });
});

describe("if Redis does not answer", () => {
  const kuzzle = hiding(["memory storage"]);

  it("a request with a key is refused, and others are not", async () => {
    const document = await kuzzle.aDocument("keyed");
    const increment = conditional[3]!;

    const keyed = { ...increment, args: { requestKey: "a key" } };
    assert.equal(
      await kuzzle.send(document, keyed),
      "503 plugin.document-update.request_keys_unavailable",
    );
    assert.equal((await kuzzle.documentOf(document)).version, 1);
    assert.equal(await kuzzle.send(document, increment), null);
    assert.deepEqual(await kuzzle.documentOf(document), {
      content: { n: 2 },
      version: 2,
    });
  });
});
