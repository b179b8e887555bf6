import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject } from "kuzzle";

import type { Impersonation } from "../../lib/kuzzle/Impersonation";
import { type ClientCall, tagOf } from "../../lib/kuzzle/WriteTag";
import { UpdateStatistics } from "../../lib/statistics/UpdateStatistics";
import { PluginWrite } from "../../lib/storage/PluginWrite";
import { delegateTo } from "../../lib/write/delegateUpdate";
import { anUpdate } from "../support/aWrite";
import { aRequest, FakeKuzzle } from "../support/fakeKuzzle";

const update = anUpdate({ options: { silent: true, volatile: { trace: 1 } } });

const answered = (_source: JSONObject) => ({ _id: "liia", _source });

function aDelegate(
  answer: (changes: JSONObject) => unknown = answered,
  retryOnConflict = 10,
  isMetadataEventHeard = false,
) {
  const calls: unknown[][] = [];
  const users: string[] = [];
  const lost = { count: 0 };
  const impersonation = {
    updateAs: (kuid: string) => {
      users.push(kuid);
      return async (...args: unknown[]) => {
        calls.push(args);
        return answer(args[3] as JSONObject);
      };
    },
  } as unknown as Impersonation;
  const statistics = new UpdateStatistics();
  const delegate = delegateTo(
    impersonation,
    {
      isMetadataEventHeard: () => isMetadataEventHeard,
      isReadForNothing: () => true,
      read: undefined,
      onLost: () => void lost.count++,
      store: async () => ({}),
    },
    retryOnConflict,
    statistics,
  );

  return { calls, delegate, lost, statistics, users };
}

it("updates the document on behalf of the caller, with the options as they are", async () => {
  const { calls, delegate, users } = aDelegate();

  const document = await delegate(update);

  assert.deepEqual(document, { _id: "liia", _source: update.body });
  assert.deepEqual(users, ["joe"]);
  const [[index, collection, _id, changes, options]] = calls as [
    [string, string, string, JSONObject, object],
  ];
  assert.deepEqual(
    [index, collection, _id],
    ["nyc-open-data", "yellow-taxi", "liia"],
  );
  assert.deepEqual(Object.entries(changes), Object.entries(update.body));
  assert.deepEqual(options, {
    requestId: "a-request",
    retryOnConflict: 10,
    silent: true,
    source: false,
    timestamp: 1,
    volatile: { trace: 1 },
  });
});

it("gives each update a tag of its own, and nobody else", async () => {
  const tags: unknown[] = [];
  const { delegate } = aDelegate((changes) => {
    tags.push(tagOf(changes));
    return answered(changes);
  });

  const documents = [await delegate(update), await delegate(update)];

  assert.ok(tags.every((tag) => tag instanceof PluginWrite));
  assert.notEqual(tags[0], tags[1]);
  assert.equal(tagOf(update.body), undefined);
  for (const { _source } of documents) {
    assert.deepEqual(Object.getOwnPropertySymbols(_source), []);
  }
});

it("tells of an update that was stored past its tag, though nobody had read the document", async () => {
  const seenAt = (validate: boolean, store: boolean) =>
    aDelegate(async (changes) => {
      const tag = tagOf(changes);
      if (validate) {
        tag?.onValidate(aRequest());
      }
      if (store) {
        const params = { body: { doc: { _kuzzle_info: { updater: "joe" } } } };
        await tag?.onUpdate({ params } as unknown as ClientCall);
      }
      return answered(changes);
    });

  new FakeKuzzle();
  for (const [validate, store, expected] of [
    [true, false, 1],
    [true, true, 0],
    [false, true, 0],
    // Kuzzle has read the document itself.
    [false, false, 0],
  ] as const) {
    const { delegate, lost } = seenAt(validate, store);
    await delegate(update);
    assert.equal(lost.count, expected, `${validate} ${store}`);
  }
});

it("leaves what is no object to Kuzzle, which refuses it", async () => {
  const body = [1] as unknown as JSONObject;
  const { calls, delegate } = aDelegate();

  await delegate(anUpdate({ body }));

  assert.equal(calls[0]?.[3], body);
});

it("tries again after a conflict as often as the client says, else as configured, else as Kuzzle does", async () => {
  const retries = async (asked: unknown, configured: number) => {
    const { calls, delegate } = aDelegate(undefined, configured);
    await delegate(anUpdate({ options: { retryOnConflict: asked } }));
    return (calls[0]?.[4] as { retryOnConflict?: unknown }).retryOnConflict;
  };

  assert.equal(await retries(3, 10), 3);
  assert.equal(await retries(0, 10), 0);
  assert.equal(await retries("abc", 10), "abc");
  assert.equal(await retries(undefined, 10), 10);
  assert.equal(await retries(null, 10), 10);
  assert.equal(await retries(undefined, 0), undefined);
});

it("lets the native error pass untouched, and counts how long it took", async () => {
  const error = new Error("native");
  const { delegate, statistics } = aDelegate(() => {
    throw error;
  });

  await assert.rejects(delegate(update), (found) => found === error);
  assert.deepEqual(statistics.delegate.cumulative.at(-1), [Infinity, 1]);
});

it("gives a pipe changes of its own, as JSON makes them, or fails as JSON does", async () => {
  const nested = { call: () => {}, url: new URL("https://kuzzle.io/") };
  const circular: JSONObject = {};
  circular["itself"] = circular;
  const { calls, delegate } = aDelegate(undefined, 10, true);

  await delegate(anUpdate({ body: { nested } }));
  const { nested: given } = calls[0]?.[3] as JSONObject;
  assert.deepEqual(given, { url: "https://kuzzle.io/" });
  await assert.rejects(delegate(anUpdate({ body: circular })), {
    message: /circular/,
  });

  const unheard = aDelegate();
  await unheard.delegate(anUpdate({ body: { nested } }));
  assert.equal((unheard.calls[0]?.[3] as JSONObject)["nested"], nested);
});
