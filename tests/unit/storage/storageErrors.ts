import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject } from "kuzzle";

import type { Outcome } from "../../../lib/storage/BatchQueue";
import { sendUpdates } from "../../../lib/storage/sendBulk";
import {
  isRefusedRequest,
  memberError,
} from "../../../lib/storage/storageErrors";
import type { StorageRequest } from "../../../lib/storage/StorageRequest";
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

/** What Kuzzle, and hooks on its errors, read of one. */
function shown({ message, meta, name, ...rest }: ClientError) {
  const { body, meta: inner, statusCode } = meta ?? {};
  const params = inner?.["request"].params as JSONObject;
  const { querystring, ...request } = params;
  delete request["headers"];
  delete request["timeout"];
  delete request["bulkBody"];

  return {
    body: body as unknown,
    keys: Object.keys(rest),
    message,
    name,
    querystring: [...new URLSearchParams(String(querystring))].sort(),
    request,
    statusCode: statusCode as unknown,
  };
}

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
    const [expected, found] = [shown(native), shown(ofBulk)];
    // A lone update is sent with `require_alias`, as the items are.
    assert.deepEqual(
      expected.querystring.filter(([name]) => name !== "require_alias"),
      found.querystring,
    );
    assert.deepEqual(
      { ...found, querystring: [] },
      { ...expected, querystring: [] },
    );
    assert.equal(
      found.request["path"],
      "/%40%26iot.taxis/_update/missing%20%C3%A9%2F%3F",
    );
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
      const [expected, found] = [shown(native), shown(ofBulk)];
      assert.deepEqual(
        { ...found, querystring: [] },
        { ...expected, querystring: [] },
      );
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

it("describes no request if the client made none", () => {
  const { client } = new FakeKuzzle().elasticsearch;
  const { call } = aStorageRequest(client);
  const update = () => Promise.reject(new Error("no request"));
  const error = Object.assign(new Error("lost"), { meta: { body: null } });

  const member = memberError(error, { ...call, update });

  const { meta } = (member as ClientError).meta ?? {};
  assert.equal(meta?.["request"].params.path, undefined);
  assert.equal(meta?.["request"].params.querystring, "");
});

it("leaves other values, and errors without a request, as they are", () => {
  const { client } = new FakeKuzzle().elasticsearch;
  const { call } = aStorageRequest(client);
  const error = new Error("a defect");

  assert.equal(memberError("no error", call), "no error");
  const member = memberError(error, call);
  assert.ok(member instanceof Error);
  assert.deepEqual([member.message, member.stack], ["a defect", error.stack]);
  assert.ok(!("meta" in member));
});
