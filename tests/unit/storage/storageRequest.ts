import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject } from "kuzzle";

import { readStorageRequest, sendUpdates } from "../../../lib/storage/bulk";
import { aCall, aStorageRequest } from "../../support/aStorageRequest";
import { versions } from "../../support/fakeElasticsearch";
import { FakeKuzzle } from "../../support/fakeKuzzle";

const deep = () => {
  let value = {};
  for (let depth = 0; depth < 100_000; depth++) {
    value = { value };
  }
  return value;
};

/** Other properties that Kuzzle's request may have, by what they are. */
const ODD: Readonly<Record<string, JSONObject>> = {
  "a key that is unknown": { routing: "a" },
  "a condition beside retries": { if_primary_term: 1, if_seq_no: 3 },
  "half a condition": { if_seq_no: 3, retry_on_conflict: undefined },
  "the other half of one": { if_primary_term: 1, retry_on_conflict: undefined },
  "a condition that is no number": {
    if_primary_term: 1,
    if_seq_no: NaN,
    retry_on_conflict: undefined,
  },
  "a condition without a term": {
    if_primary_term: null,
    if_seq_no: 3,
    retry_on_conflict: undefined,
  },
  "a request that is to be aliased by itself": { require_alias: true },
  "another _source": { _source: "false" },
  "fields of the source": { _source: ["seats"] },
  "no _source": { _source: undefined },
  "a collection of Kuzzle's own": { index: "@%kuzzle.config" },
  "an index without an alias": { index: "taxis" },
  "several indexes": { index: ["@&iot.taxis"] },
  "no identifier": { id: undefined },
  "an empty identifier": { id: "" },
  "an identifier that is no text": { id: 5 },
  "an identifier with the first half of a surrogate pair": { id: "a\ud83d" },
  "an identifier with the second half of one": { id: "\ude95a" },
  "an identifier that is too long": { id: "x".repeat(513) },
  "an identifier that is too long in bytes": { id: "é".repeat(257) },
  "a refresh that waits": { refresh: "wait_for" },
  "a refresh that does not": { refresh: true },
  "an empty refresh": { refresh: "" },
  "a null refresh": { refresh: null },
  "retries that are no integer": { retry_on_conflict: 2.5 },
  "retries that are a text without a number": { retry_on_conflict: "abc" },
  "negative retries": { retry_on_conflict: -1 },
  "more retries than Elasticsearch counts": { retry_on_conflict: 2 ** 31 },
  "no retries, by null": { retry_on_conflict: null },
  "retries that are no number": { retry_on_conflict: NaN },
};

for (const version of versions) {
  const read = (params: JSONObject, doc: unknown = { seats: 5 }) => {
    const { client } = new FakeKuzzle({}, version).elasticsearch;
    return readStorageRequest(aCall(client, version, "liia", doc, params));
  };

  it(`reads what Kuzzle asks version ${version} for, as the lines of a bulk request`, () => {
    const request = read({});

    assert.equal(request?.alias, "@&iot.taxis");
    assert.equal(request.id, "liia");
    assert.equal(
      request.lines,
      '{"update":{"_id":"liia","require_alias":true,"retry_on_conflict":10}}\n' +
        '{"_source":true,"doc":{"seats":5}}\n',
    );
    for (const params of [
      { retry_on_conflict: undefined },
      { retry_on_conflict: 0 },
      { _source: true },
      { id: "x".repeat(512) },
      { id: "\ud83d\ude95" },
    ]) {
      assert.ok(read(params), JSON.stringify(params));
    }
  });

  it(`reads an update on a condition of version ${version}, as of another kind`, () => {
    const condition = { if_primary_term: 1, if_seq_no: 0 };
    const request = read({ ...condition, retry_on_conflict: undefined });

    assert.ok(request?.isConditional);
    assert.equal(
      request.lines,
      '{"update":{"_id":"liia","if_primary_term":1,"if_seq_no":0,"require_alias":true}}\n' +
        '{"_source":true,"doc":{"seats":5}}\n',
    );
    assert.equal(read({})?.isConditional, false);
  });

  it(`reads a whole document in place of the changes of version ${version}`, () => {
    const { client } = new FakeKuzzle({}, version).elasticsearch;
    const call = aCall(client, version, "liia", undefined, {
      if_primary_term: 1,
      if_seq_no: 3,
      retry_on_conflict: undefined,
      ...(version === "7" ? { body: { doc: {} } } : { doc: {} }),
    });

    const request = readStorageRequest({ ...call, whole: { seats: 5 } });

    assert.equal(
      request?.lines,
      '{"index":{"_id":"liia","if_primary_term":1,"if_seq_no":3,"require_alias":true}}\n' +
        '{"seats":5}\n',
    );
    assert.ok(request.isConditional);
  });

  it(`takes the retries of a request over HTTP, which are text, for version ${version}`, () => {
    assert.match(
      read({ retry_on_conflict: "3" })!.lines,
      /"retry_on_conflict":3}/,
    );
  });

  for (const [what, params] of Object.entries(ODD)) {
    it(`leaves ${what} to version ${version} of the client`, () => {
      assert.equal(read(params), undefined);
    });
  }

  it(`leaves changes that are missing, or not JSON, to version ${version}`, () => {
    const circular: JSONObject = {};
    circular["itself"] = circular;

    for (const changes of [circular, { n: 1n }, deep(), "text", 5]) {
      assert.equal(read({}, changes), undefined);
    }
    assert.equal(
      read(version === "7" ? { body: {} } : { doc: undefined }),
      undefined,
    );
  });

  it(`sends a single update as Kuzzle would, if it has an alias, with version ${version}`, async () => {
    const { elasticsearch } = new FakeKuzzle({}, version);
    elasticsearch.store("liia");
    const request = aStorageRequest(elasticsearch.client, version);

    await sendUpdates([request]);

    const [{ body, path, querystring }] = elasticsearch.sent as [
      (typeof elasticsearch.sent)[0],
    ];
    assert.equal(path, "/%40%26iot.taxis/_update/liia");
    assert.deepEqual(
      Object.fromEntries(new URLSearchParams(querystring)),
      version === "7"
        ? {
            _source: "true",
            refresh: "false",
            require_alias: "true",
            retry_on_conflict: "10",
          }
        : { refresh: "false", require_alias: "true", retry_on_conflict: "10" },
    );
    assert.deepEqual((JSON.parse(body) as JSONObject)["doc"], { seats: 5 });
    assert.ok(!("require_alias" in request.call.params));
  });
}

it("leaves upserts and requests with more than changes to version 7", () => {
  const { client } = new FakeKuzzle().elasticsearch;
  const body = { doc: {}, upsert: {} };

  assert.equal(
    readStorageRequest(aCall(client, "7", "liia", {}, { body })),
    undefined,
  );
});

it("leaves upserts and scripts to version 8", () => {
  const { client } = new FakeKuzzle({}, "8").elasticsearch;

  for (const params of [{ upsert: {} }, { script: "" }]) {
    assert.equal(
      readStorageRequest(aCall(client, "8", "liia", {}, params)),
      undefined,
    );
  }
});
