import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject } from "kuzzle";

import type { Outcome } from "../../../lib/storage/BatchQueue";
import { sendUpdates, type StorageRequest } from "../../../lib/storage/bulk";
import {
  isRefusedRequest,
  memberError,
} from "../../../lib/storage/storageErrors";
import { aStorageRequest } from "../../support/aStorageRequest";
import {
  library,
  type Reply,
  type Sent,
  type Version,
  versions,
} from "../../support/fakeElasticsearch";
import { FakeKuzzle } from "../../support/fakeKuzzle";

type ClientError = Error & { meta?: { meta?: JSONObject } & JSONObject };

/** The errors of the same update, by itself and of a bulk request. */
async function errorsOf(
  version: Version,
  respond: (sent: Sent) => Reply | undefined,
): Promise<readonly [native: ClientError, ofBulk: ClientError]> {
  const { elasticsearch } = new FakeKuzzle({}, version);
  elasticsearch.store("neighbour");
  elasticsearch.respond = respond;
  const [neighbour, missing] = ["neighbour", "missing é/?"].map((id) =>
    aStorageRequest(elasticsearch.client, version, id, { text: `of ${id}` }),
  ) as [StorageRequest, StorageRequest];
  const { outcomes } = await sendUpdates([neighbour, missing]);
  const errorIn = (outcome: Outcome | undefined) => {
    assert.ok(outcome && "error" in outcome);
    return outcome.error as ClientError;
  };

  const alone = await sendUpdates([missing]);

  return [errorIn(await alone.outcomes[0]), errorIn(await outcomes[1])];
}

/** What a client is told of one. */
function shown({ message, meta, name, ...rest }: ClientError) {
  const { body, statusCode } = meta ?? {};

  return {
    body: body as unknown,
    keys: Object.keys(rest),
    message,
    name,
    statusCode: statusCode as unknown,
  };
}

/** The request that hooks on storage's errors are shown: the one that was sent, without its body. */
const requestIn = ({ meta }: ClientError) =>
  meta?.meta?.["request"].params as JSONObject;

for (const version of versions) {
  const { errors } = library(version);

  it(`gives an item the error that a single update would get, with version ${version}`, async () => {
    const [native, ofBulk] = await errorsOf(version, ({ path }) => {
      if (path.endsWith("/_bulk")) {
        return undefined;
      }
      const error = {
        reason: "[_doc][missing é/?]: document missing",
        type: "document_missing_exception",
      };
      const body = { error: { root_cause: [error], ...error }, status: 404 };
      return { body, status: 404 };
    });

    assert.ok(ofBulk instanceof errors["ResponseError"]!);
    assert.deepEqual(shown(ofBulk), shown(native));
    const { path, ...request } = requestIn(ofBulk);
    assert.equal(path, "/%40%26iot.taxis/_bulk");
    assert.deepEqual(Object.keys(request), ["method", "querystring"]);
  });

  it(`adds root_cause to an item's error as storage does, with version ${version}`, async () => {
    const error = {
      reason: "mapping set to strict",
      type: "strict_dynamic_mapping_exception",
    };
    const body = { error: { root_cause: [error], ...error }, status: 400 };
    const items = [
      { update: { _id: "neighbour" } },
      { update: { _id: "missing é/?", error, status: 400 } },
    ];
    const [native, ofBulk] = await errorsOf(version, ({ path }) =>
      path.endsWith("/_bulk") ? { body: { items } } : { body, status: 400 },
    );

    assert.deepEqual(ofBulk.meta?.["body"], body);
    assert.equal(ofBulk.meta?.["statusCode"], 400);
    assert.deepEqual(ofBulk.message, native.message);
    assert.match(ofBulk.message, /^strict_dynamic_mapping_exception\W/);
  });

  it(`gives each update of a failed request its own error, without data of the others, with version ${version}`, async () => {
    for (const respond of [
      () => ({ body: { error: "unavailable" }, status: 503 }),
      () => {
        throw new Error("lost");
      },
    ]) {
      const [native, ofBulk] = await errorsOf(version, respond);

      assert.equal(
        Object.getPrototypeOf(ofBulk),
        Object.getPrototypeOf(native),
      );
      assert.ok(ofBulk instanceof Error);
      assert.deepEqual(shown(ofBulk), shown(native));
      assert.equal(requestIn(ofBulk)["path"], "/%40%26iot.taxis/_bulk");
      assert.doesNotMatch(
        JSON.stringify([ofBulk, ofBulk.meta?.meta?.["request"]]),
        /neighbour/,
      );
    }
  });

  it(`shows nobody an answer that cannot be read, with version ${version}`, async () => {
    const [, ofBulk] = await errorsOf(version, () => ({
      // The parser's message shows what is around the place.
      body: '{"items":[neighbour]}',
    }));

    assert.equal(ofBulk.name, "DeserializationError");
    assert.equal(ofBulk.message, "The answer of Elasticsearch cannot be read.");
    assert.doesNotMatch(
      JSON.stringify([ofBulk, ofBulk.message, ofBulk.stack]),
      /neighbour/,
    );
    assert.match(String(ofBulk.stack), /^DeserializationError: The answer/);
  });
}

it("knows by the status that storage stored nothing", () => {
  for (const [error, isOne] of [
    [{ statusCode: 400 }, true],
    [{ statusCode: 413 }, true],
    [{ statusCode: 404 }, false],
    [{ statusCode: 500 }, false],
    [new Error("lost"), false],
    [undefined, false],
    [null, false],
    ["text", false],
  ] as const) {
    assert.equal(isRefusedRequest(error), isOne, JSON.stringify(error));
  }
});

it("leaves other values, and errors without a request, as they are", () => {
  const error = new Error("a defect");

  assert.equal(memberError("no error"), "no error");
  const member = memberError(error);
  assert.ok(member instanceof Error);
  assert.deepEqual([member.message, member.stack], ["a defect", error.stack]);
  assert.ok(!("meta" in member));
});
