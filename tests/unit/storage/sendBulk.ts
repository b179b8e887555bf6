import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject } from "kuzzle";

import type { StorageClient } from "../../../lib/kuzzle/storageClient";
import type { Outcome } from "../../../lib/storage/BatchQueue";
import {
  readStorageRequest,
  sendUpdates,
  type StorageRequest,
} from "../../../lib/storage/bulk";
import { aStorageRequest, endedOf } from "../../support/aStorageRequest";
import { settled } from "../../support/aWrite";
import {
  FakeElasticsearch,
  type Reply,
  type Sent,
  type Version,
  versions,
  writeOf,
} from "../../support/fakeElasticsearch";
import { FakeKuzzle } from "../../support/fakeKuzzle";

const IDS = ["a", "b", "c"];

/** An update on the condition that its document is at version 1. */
function onCondition(client: StorageClient, version: Version, id: string) {
  const { call } = aStorageRequest(client, version, id, { of: id });
  const { _primary_term: if_primary_term, _seq_no: if_seq_no } = writeOf({
    version: 1,
  });
  const request = readStorageRequest({
    ...call,
    options: { maxRetries: 0 },
    params: {
      ...call.params,
      if_primary_term,
      if_seq_no,
      retry_on_conflict: undefined,
    },
  });
  assert.ok(request);

  return request;
}

/** Sends a bulk request of updates, and answers it. */
async function sent(
  version: Version,
  respond: FakeElasticsearch["respond"] = () => undefined,
  ids = IDS,
) {
  const { elasticsearch } = new FakeKuzzle({}, version);
  IDS.forEach((id) => elasticsearch.store(id));
  elasticsearch.respond = respond;
  const requests = ids.map((id) =>
    aStorageRequest(elasticsearch.client, version, id, { of: id }),
  ) as [StorageRequest, ...StorageRequest[]];
  const batch = await sendUpdates(requests);
  const outcomes = await endedOf(batch);

  return { bytes: batch.bytes, elasticsearch, outcomes };
}

const isBulk = ({ path }: Sent) => path.endsWith("/_bulk");
const onBulk = (reply: Reply) => (request: Sent) =>
  isBulk(request) ? reply : undefined;
const errorOf = (outcome: Outcome | undefined) => {
  assert.ok(outcome && "error" in outcome);
  return outcome.error as Error & { statusCode?: number; meta?: JSONObject };
};
const answerOf = (outcome: Outcome | undefined) => {
  assert.ok(outcome && "answer" in outcome);
  return outcome.answer;
};
const item = (_id: string, more: object = {}) => ({
  update: {
    _id,
    ...writeOf({ version: 2 }),
    get: { _source: { of: _id } },
    ...more,
  },
});

for (const version of versions) {
  const ofBody = (body: JSONObject) => (version === "7" ? { body } : body);

  it(`sends the updates of a collection as one, with version ${version}`, async () => {
    const { bytes, elasticsearch, outcomes } = await sent(version);
    const [request] = elasticsearch.sent;

    assert.equal(elasticsearch.sent.length, 1);
    assert.equal(request?.path, "/%40%26iot.taxis/_bulk");
    assert.equal(request.querystring, "refresh=false");
    assert.equal(
      request.body,
      IDS.map(
        (id) =>
          `{"update":{"_id":"${id}","require_alias":true,"retry_on_conflict":10}}\n` +
          `{"_source":true,"doc":{"of":"${id}"}}\n`,
      ).join(""),
    );
    assert.deepEqual(
      outcomes.map(answerOf),
      IDS.map((id) => ofBody({ ...item(id).update, status: 200 })),
    );
    assert.ok(bytes > 100);
  });

  it(`sends them again one by one where storage refused all, with version ${version}`, async () => {
    for (const status of [400, 413]) {
      const { bytes, elasticsearch, outcomes } = await sent(
        version,
        onBulk({ body: { error: "SECRET" }, status }),
      );

      assert.equal(bytes, 0);
      assert.deepEqual(
        elasticsearch.paths.slice(1),
        IDS.map((id) => `/@&iot.taxis/_update/${id}`),
      );
      assert.deepEqual(outcomes.map(answerOf).length, 3);
    }
  });

  it(`sends an update again alone if its error has a cause, to get native's error, with version ${version}`, async () => {
    const caused = { caused_by: { reason: "why", type: "t" }, reason: "b" };
    const native = { error: { reason: "native", type: "t" }, status: 400 };
    const { elasticsearch, outcomes } = await sent(version, (request) =>
      isBulk(request)
        ? {
            body: {
              items: [
                item("a", { error: caused, status: 400 }),
                item("b", { error: caused, status: 404 }),
                item("c", { error: { reason: "c", type: "t" }, status: 400 }),
              ],
            },
          }
        : { body: native, status: 400 },
    );

    assert.deepEqual(elasticsearch.paths.slice(1), ["/@&iot.taxis/_update/a"]);
    assert.deepEqual(errorOf(outcomes[0]).meta?.["body"], native);
    assert.equal(errorOf(outcomes[1]).statusCode, 404);
    assert.equal(errorOf(outcomes[2]).meta?.["body"].error.reason, "c");
  });

  it(`does not send an update again after a later one of its document, with version ${version}`, async () => {
    const reason = { reason: "b", type: "t" };
    const error = { ...reason, caused_by: { reason: "why", type: "t" } };
    const { elasticsearch, outcomes } = await sent(
      version,
      onBulk({
        body: {
          items: [item("a", { error, status: 400 }), item("b"), item("a")],
        },
      }),
      ["a", "b", "a"],
    );

    assert.equal(elasticsearch.sent.length, 1);
    assert.deepEqual(errorOf(outcomes[0]).meta?.["body"], {
      error: { root_cause: [reason], ...error },
      status: 400,
    });
    answerOf(outcomes[1]);
    answerOf(outcomes[2]);
  });

  it(`sends those of one document one after another where storage refused all, and others beside them, with version ${version}`, async () => {
    const underWay: string[] = [];
    let greatest = 0;
    const { elasticsearch, outcomes } = await sent(
      version,
      async (request) => {
        const { path } = request;
        if (isBulk(request)) {
          return { body: {}, status: 413 };
        }
        assert.ok(!underWay.includes(path), "two of one document");
        greatest = Math.max(greatest, underWay.push(path));
        await settled();
        underWay.splice(underWay.indexOf(path), 1);
        return undefined;
      },
      ["a", "b", "a", "c", "a"],
    );

    assert.equal(greatest, 3);
    assert.equal(elasticsearch.sent.length, 6);
    assert.deepEqual(
      outcomes.map(answerOf).map((answer) => {
        const { _id, _version } = version === "7" ? answer["body"] : answer;
        return `${_id} ${_version}`;
      }),
      ["a 2", "b 2", "a 3", "c 2", "a 4"],
    );
  });

  it(`estimates the size from the first item if storage reports none, or a compressed one, with version ${version}`, async () => {
    const items = [
      item("a", { text: "x".repeat(1_000) }),
      item("b"),
      item("c"),
    ];
    const estimate = JSON.stringify(items[0]).length * 3;
    const body = { items };
    for (const [headers, expected] of [
      [{}, JSON.stringify(body).length],
      [{ "content-length": undefined }, estimate],
      [{ "content-encoding": "gzip" }, estimate],
    ] as const) {
      const { bytes } = await sent(version, onBulk({ body, headers }));

      assert.equal(bytes, expected, JSON.stringify(headers));
    }
  });

  it(`sends nothing again of which it does not know whether it was stored, with version ${version}`, async () => {
    for (const respond of [
      onBulk({ body: { error: "of all" }, status: 503 }),
      onBulk({ body: { error: "of all" }, status: 429 }),
      onBulk({ body: '{"items":[{"update":' }),
      onBulk({ body: {} }),
      onBulk({ body: { items: [item("a"), item("b")] } }),
      onBulk({ body: { items: [...IDS, "d"].map((id) => item(id)) } }),
      onBulk({ body: { items: IDS.map((_id) => ({ index: { _id } })) } }),
      () => {
        throw new Error("lost");
      },
    ]) {
      const { bytes, elasticsearch, outcomes } = await sent(version, respond);

      assert.equal(elasticsearch.sent.length, 1);
      assert.equal(bytes, 0);
      assert.equal(outcomes.length, 3);
      outcomes.forEach((outcome) => assert.ok(errorOf(outcome)));
    }
  });

  it(`stores whole documents, too, and answers them as updates, with version ${version}`, async () => {
    const { elasticsearch } = new FakeKuzzle({}, version);
    IDS.forEach((id) => elasticsearch.store(id, { draft: true, of: id }));
    const [first, ...others] = IDS.map((id) =>
      onCondition(elasticsearch.client, version, id),
    );
    const whole = { of: "all" };
    const request = readStorageRequest({ ...first!.call, whole });
    assert.ok(request);

    const { outcomes } = await sendUpdates([request, ...others]);

    assert.deepEqual(elasticsearch.paths, ["/@&iot.taxis/_bulk"]);
    const [answer, other, another] = outcomes as readonly Outcome[];
    assert.deepEqual(
      answerOf(answer),
      ofBody({
        _id: "a",
        ...writeOf({ version: 2 }),
        get: { _source: whole },
        status: 200,
      }),
    );
    assert.deepEqual(elasticsearch.stored.get("a")?.source, whole);
    const { get } = version === "7" ? answerOf(other)["body"] : answerOf(other);
    assert.deepEqual(get._source, { draft: true, of: "b" });
    answerOf(another);
  });

  it(`answers a whole document the error that an update would be answered, with version ${version}`, async () => {
    const { elasticsearch } = new FakeKuzzle({}, version);
    IDS.forEach((id) => elasticsearch.store(id));
    elasticsearch.stored.set("a", { source: {}, version: 2 });
    const [first, second] = IDS.map((id) =>
      onCondition(elasticsearch.client, version, id),
    );
    const request = readStorageRequest({ ...first!.call, whole: {} });

    const { outcomes } = await sendUpdates([request!, second!]);

    const error = errorOf(await outcomes[0]!);
    assert.equal(error.statusCode, 409);
    assert.match(error.meta?.["body"].error.reason, /^\[a\]: version conflict/);
    answerOf(await outcomes[1]!);
  });

  it(`does not let the client resend conditional updates, with version ${version}`, async () => {
    for (const [retries, expected] of [
      [undefined, 1],
      [10, 4],
    ] as const) {
      new FakeKuzzle({}, version);
      const elasticsearch = new FakeElasticsearch(version, 3);
      elasticsearch.respond = () => ({ body: {}, status: 503 });
      const [first, ...others] = IDS.map((id) =>
        retries
          ? aStorageRequest(elasticsearch.client, version, id)
          : onCondition(elasticsearch.client, version, id),
      );

      const { outcomes } = await sendUpdates([first!, ...others]);

      for (const outcome of outcomes) {
        assert.equal(errorOf(await outcome).statusCode, 503);
      }
      assert.equal(elasticsearch.sent.length, expected);
    }
  });
}

/** An answer that holds a field by which a prototype could be changed. */
const poisoned = JSON.stringify({
  items: [
    item("a"),
    { update: { _id: "b", get: { _source: "HERE" } } },
    item("c", { error: { reason: "c", type: "t" }, status: 400 }),
  ],
}).replace('"HERE"', '{"__proto__":1}');

it("answers the neighbours of a document that version 7 of the client refuses to read", async () => {
  const { bytes, elasticsearch, outcomes } = await sent(
    "7",
    onBulk({ body: poisoned }),
  );

  assert.equal(elasticsearch.sent.length, 1);
  assert.equal(bytes, JSON.stringify(item("a")).length * 3);
  assert.deepEqual(answerOf(outcomes[0]), { body: item("a").update });
  const { message, name } = errorOf(outcomes[1]);
  assert.deepEqual(
    [name, message],
    ["DeserializationError", "Object contains forbidden prototype property"],
  );
  assert.doesNotMatch(JSON.stringify(errorOf(outcomes[1])), /"of"/);
  assert.equal(errorOf(outcomes[2]).statusCode, 400);
});

it("answers a document that version 8 of the client reads, unlike version 7", async () => {
  const { outcomes } = await sent("8", onBulk({ body: poisoned }));

  assert.ok(Object.hasOwn(answerOf(outcomes[1])["get"]._source, "__proto__"));
  assert.equal(errorOf(outcomes[2]).statusCode, 400);
});
