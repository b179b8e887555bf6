import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { afterEach, beforeEach, it, mock } from "node:test";

import { type JSONObject, KuzzleError } from "kuzzle";

import type { Conditional } from "../../../lib/storage/ConditionalWrite";
import { documentVersion } from "../../../lib/storage/readDocuments";
import { aConditionalWrite } from "../../support/aConditionalWrite";
import { aDeepDocument } from "../../support/aDocument";
import {
  type FakeElasticsearch,
  type Sent,
  versions,
  writeOf,
} from "../../support/fakeElasticsearch";
import { refusal } from "../../support/refusal";

const { dump } = createRequire(__filename)(
  "kuzzle/dist/lib/config/default.config",
).default as { dump: { handledErrors: { whitelist: string[] } } };
const dumped = dump.handledErrors.whitelist;

type Respond = FakeElasticsearch["respond"];

const queryOf = (sent: Sent | undefined) =>
  Object.fromEntries(new URLSearchParams(sent?.querystring));
const withoutDraft: Conditional["wholeOf"] = ({ _kuzzle_info, seats }) => ({
  _kuzzle_info,
  seats,
});
const unknown = refusal("outcome_unknown", "iot", "taxis", "liia");

beforeEach(() => {
  mock.method(Math, "random", () => 0);
});
afterEach(() => mock.restoreAll());

for (const version of versions) {
  const answered = (answer: JSONObject) =>
    version === "7" ? (answer["body"] as JSONObject) : answer;

  it(`stores the whole document if a field is removed, and answers as for an update, with version ${version}`, async () => {
    const { elasticsearch, known, store } = aConditionalWrite({
      version,
      wholeOf: withoutDraft,
    });

    const answer = answered(await store());

    const [sent] = elasticsearch.sent;
    assert.deepEqual(
      [sent?.method, decodeURIComponent(sent?.path ?? "")],
      ["PUT", "/@&iot.taxis/_doc/liia"],
    );
    assert.deepEqual(queryOf(sent), {
      if_primary_term: "3",
      if_seq_no: "7",
      refresh: "false",
      require_alias: "true",
    });
    const source = { _kuzzle_info: { updatedAt: 7, updater: "joe" }, seats: 5 };
    assert.deepEqual(elasticsearch.stored.get("liia"), { source, version: 2 });
    assert.deepEqual(answer["get"], { _source: source });
    assert.deepEqual(
      [answer["_id"], answer["_version"]],
      ["liia", known.document?.version],
    );
    assert.deepEqual(known.document?.source, source);
  });

  it(`resends the same write if the outcome is unknown, three times at most, with version ${version}`, async () => {
    const lost: Respond = () => {
      throw new Error("lost");
    };
    const status = (code: number) => () => ({ body: {}, status: code });
    for (const fail of [lost, status(502), status(503), status(504)]) {
      for (const failures of [1, 3, 4]) {
        const { elasticsearch, store, stored } = aConditionalWrite({ version });
        elasticsearch.respond = (sent) =>
          elasticsearch.sent.length <= failures ? fail(sent) : undefined;

        const storing = store();
        if (failures === 4) {
          await assert.rejects(storing, ({ id }: { id?: string }) => !id);
        } else {
          await storing;
        }

        const { length } = elasticsearch.sent;
        assert.equal(length, Math.min(failures + 1, 4), String(fail));
        for (const sent of elasticsearch.sent) {
          assert.deepEqual(sent, elasticsearch.sent[0]);
        }
        assert.ok(stored.every((call) => call === stored[0]));
      }
    }
  });

  it(`reports an unknown outcome if a resent write fails, with version ${version}`, async () => {
    const status = (code: number) => () => ({
      body: { error: { reason: "r", type: "t" }, status: code },
      status: code,
    });
    for (const [again, statusCode] of [
      // It was stored the first time, so it conflicts with itself.
      [() => undefined, 409],
      [status(400), 400],
      [status(404), 404],
      [status(429), 429],
    ] as const) {
      const { elasticsearch, store, write } = aConditionalWrite({ version });
      elasticsearch.respond = () => {
        if (elasticsearch.sent.length > 1) {
          return again();
        }
        elasticsearch.stored.set("liia", { source: {}, version: 2 });
        throw new Error("lost");
      };

      await assert.rejects(store(), (error: Error) => {
        const { cause } = error as { cause?: { statusCode?: number } };
        assert.equal(cause?.statusCode, statusCode);
        return unknown(error as never);
      });

      assert.equal(elasticsearch.sent.length, 2);
      assert.ok(!write.isStored);
    }
  });

  it(`does not resend a write that was refused, with version ${version}`, async () => {
    for (const status of [400, 404, 409, 413, 429, 500, 501, 505]) {
      const { elasticsearch, store } = aConditionalWrite({ version });
      elasticsearch.respond = () => ({ body: {}, status });

      await assert.rejects(store(), { statusCode: status } as never);

      assert.equal(elasticsearch.sent.length, 1);
    }
  });

  it(`sends the same changes under a new condition after a conflict, if it gets one, with version ${version}`, async () => {
    for (const isWhole of [false, true]) {
      const writtenByOthers = (version: number) =>
        elasticsearch.stored.set("liia", {
          source: { others: version },
          version,
        });
      const conditionalOn = (read: number): Conditional => ({
        on: documentVersion(writeOf({ version: read }))!,
        again: async ({ source, version }) => {
          assert.deepEqual(source, { others: version });
          if (version === 2) {
            writtenByOthers(3);
          }
          return conditionalOn(version);
        },
        ...(isWhole && {
          wholeOf: (changes) => ({ ...changes, others: read }),
        }),
      });
      const { elasticsearch, known, store, write } = aConditionalWrite({
        ...conditionalOn(1),
        version,
      });
      writtenByOthers(2);

      await store();

      assert.deepEqual(
        elasticsearch.sent
          .filter(({ method }) => method !== "GET")
          .map((sent) => queryOf(sent)["if_seq_no"]),
        ["7", "8", "9"],
      );
      assert.deepEqual(elasticsearch.stored.get("liia"), {
        source: {
          _kuzzle_info: { updatedAt: 7, updater: "joe" },
          others: 3,
          seats: 5,
        },
        version: 4,
      });
      assert.ok(write.isStored);
      assert.equal(known.document?.version, 4);
    }
  });

  it(`asks for no new condition if it may conflict with itself, nor after another failure, with version ${version}`, async () => {
    for (const status of [502, 500]) {
      const { elasticsearch, store } = aConditionalWrite({
        again: () => assert.fail(),
        version,
      });
      elasticsearch.respond = () => {
        elasticsearch.stored.set("liia", { source: {}, version: 2 });
        return elasticsearch.sent.length === 1
          ? { body: {}, status }
          : undefined;
      };

      await assert.rejects(
        store(),
        status === 502 ? unknown : { statusCode: 500 },
      );
    }
  });

  it(`throws the conflict where the document cannot be read, or would be another change, with version ${version}`, async () => {
    for (const [reply, renewals] of [
      [{ body: { found: false }, status: 404 }, 0],
      [{ body: { _source: {}, _version: 1 } }, 0],
      [undefined, 1],
    ] as const) {
      let asked = 0;
      const { elasticsearch, store, write } = aConditionalWrite({
        again: async () => {
          asked++;
          return undefined;
        },
        version,
      });
      elasticsearch.store("liia", {}, 2);
      elasticsearch.respond = ({ method }) =>
        method === "GET" ? reply : undefined;

      await assert.rejects(store(), { statusCode: 409 } as never);
      assert.equal(asked, renewals);
      assert.ok(!write.isStored);
    }
  });
}

it("ends a dry run where it would be sent, by an error of which Kuzzle writes no dump", async () => {
  const { call, elasticsearch, store, write } = aConditionalWrite({
    isDryRun: true,
  });

  await assert.rejects(
    store(),
    (error) => error instanceof KuzzleError && !dumped.includes(error.name),
  );

  assert.equal(write.dryRun, call.params["body"].doc);
  assert.deepEqual(elasticsearch.sent, []);
});

it("sends a write again whose answer is late", async () => {
  const { elasticsearch, store, stored } = aConditionalWrite();
  const late = Object.assign(new Error("late"), { name: "TimeoutError" });
  let isLate = true;
  const { client } = elasticsearch as unknown as {
    client: { transport: { request: unknown } };
  };
  const { transport } = client;
  const request = transport.request;
  transport.request = (...args: unknown[]) => {
    const wasLate = isLate;
    isLate = false;
    return wasLate
      ? Promise.reject(late)
      : (request as (...all: unknown[]) => unknown).apply(transport, args);
  };

  await store();

  assert.equal(stored.length, 2);
});

it("stores nothing if the whole document is refused, or is not JSON", async () => {
  const refused = new Error("refused");
  for (const [wholeOf, expected] of [
    [
      () => {
        throw refused;
      },
      refused,
    ],
    [() => ({ n: 1n }), { name: "TypeError" }],
    [() => aDeepDocument(1), { name: "RangeError" }],
  ] as const) {
    for (const isDryRun of [false, true]) {
      const { store, stored } = aConditionalWrite({ isDryRun, wholeOf });

      await assert.rejects(store(), expected);
      assert.deepEqual(stored, []);
    }
  }
});

it("stores a document that is too deep to copy, and keeps no copy", async () => {
  const { elasticsearch, known, store, write } = aConditionalWrite();
  const depth = 100_000;
  const deep = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  elasticsearch.respond = () => ({
    body: JSON.stringify({
      _id: "liia",
      ...writeOf({ version: 2 }),
      get: { _source: "HERE" },
    }).replace('"HERE"', deep),
  });

  await store();

  assert.ok(write.isStored);
  assert.equal(known.document, undefined);
});

it("leaves the metadata if others may hold them, or if there is no time to set", async () => {
  for (const [given, changes] of [
    [{}, {}],
    [{ isMetadataEventHeard: true, now: 42 }, {}],
  ] as const) {
    const { elasticsearch, store } = aConditionalWrite({ ...given, changes });

    await store();

    const { source } = elasticsearch.stored.get("liia")!;
    assert.equal(source["_kuzzle_info"].updatedAt, 7);
  }
});
