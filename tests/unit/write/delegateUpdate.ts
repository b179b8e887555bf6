import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject, KuzzleRequest } from "kuzzle";

import { DelegatedRequest } from "../../../lib/kuzzle/application";
import { type ClientCall, tagOf } from "../../../lib/kuzzle/WriteTag";
import { UpdateStatistics } from "../../../lib/statistics/UpdateStatistics";
import { delegateTo } from "../../../lib/write/delegateUpdate";
import { aContext, anUpdate } from "../../support/aWrite";
import { aRequest, FakeKuzzle } from "../../support/fakeKuzzle";
import { refusal } from "../../support/refusal";
import { RunningKuzzle } from "../../support/runningKuzzle";

const update = anUpdate({ options: { silent: true, volatile: { trace: 1 } } });

const answered = (_source: JSONObject) => ({ _id: "liia", _source });

function aDelegate(
  answer: (changes: JSONObject) => unknown = answered,
  retryOnConflict = 10,
  isMetadataEventHeard = false,
  isTrusted = true,
) {
  const kuzzle = new RunningKuzzle();
  const handed: KuzzleRequest[] = [];
  const stored: ClientCall[] = [];
  (kuzzle.kuzzle["funnel"] as JSONObject)["executePluginRequest"] = async (
    request: KuzzleRequest,
  ) => {
    handed.push(request);
    return answer(request.input.body!);
  };
  const statistics = new UpdateStatistics();
  const delegate = delegateTo(
    kuzzle.sdk,
    {
      hasPipeline: () => false,
      isMetadataEventHeard: () => isMetadataEventHeard,
      isReadForNothing: () => true,
      isTrusted: () => isTrusted,
      read: undefined,
      store: async (call) => {
        stored.push(call);
        const told = { _primary_term: 1, _seq_no: 4, _version: 2 };
        return { body: { ...told, get: { _source: { all: true } } } };
      },
    },
    retryOnConflict,
    statistics,
  );

  return { delegate, handed, statistics, stored };
}

it("hands the update to Kuzzle with the caller's own context, and the options as they are", async () => {
  const { delegate, handed } = aDelegate();

  const document = await delegate.write(update);

  assert.deepEqual(document, { _id: "liia", _source: update.body });
  const [request] = handed as [KuzzleRequest];
  const { action, args, body, controller, volatile } = request.input;
  assert.ok(request instanceof DelegatedRequest);
  assert.deepEqual([controller, action], ["document", "update"]);
  assert.deepEqual(Object.entries(body!), Object.entries(update.body));
  assert.deepEqual(volatile, { trace: 1 });
  assert.equal(request.id, "a-request");
  assert.deepEqual(
    { ...args },
    {
      _id: "liia",
      collection: "yellow-taxi",
      index: "nyc-open-data",
      requestId: "a-request",
      retryOnConflict: undefined,
      silent: true,
      source: undefined,
      timestamp: 1,
    },
  );
  assert.deepEqual(request.context.toJSON(), update.context.toJSON());
});

it("sends no flag of an HTTP client that is false: Kuzzle takes any value there for true", async () => {
  const context = aContext({ protocol: "http" });
  const { delegate, handed } = aDelegate();

  await delegate.write(anUpdate({ context }));
  await delegate.write(
    anUpdate({ context, options: { silent: true, source: true } }),
  );

  assert.deepEqual(
    handed.map((request) => [
      request.getBoolean("silent"),
      request.getBoolean("source"),
    ]),
    [
      [false, false],
      [true, true],
    ],
  );
});

it("tries again after a conflict as often as the client says, else as configured, else as Kuzzle does", async () => {
  new FakeKuzzle();
  const retries = async (asked: unknown, configured: number) => {
    const { delegate, stored } = aDelegate(async (changes) => {
      const params = { body: {}, retry_on_conflict: "as Kuzzle asks" };
      await tagOf(changes)?.onUpdate!({ params } as unknown as ClientCall);
      return answered(changes);
    }, configured);
    await delegate.write(anUpdate({ options: { retryOnConflict: asked } }));
    return stored[0]?.params["retry_on_conflict"] as unknown;
  };

  for (const asked of [3, 0, "abc"]) {
    assert.equal(await retries(asked, 10), "as Kuzzle asks");
  }
  assert.equal(await retries(undefined, 10), 10);
  assert.equal(await retries(null, 10), 10);
  assert.equal(await retries(undefined, 0), "as Kuzzle asks");
});

it("gives a pipe its own JSON copy of the changes, or fails as JSON does", async () => {
  const nested = { call: () => {}, url: new URL("https://kuzzle.io/") };
  const circular: JSONObject = {};
  circular["itself"] = circular;
  const { delegate, handed } = aDelegate(undefined, 10, true);

  await delegate.write(anUpdate({ body: { nested } }));
  const { nested: given } = handed[0]!.input.body!;
  assert.deepEqual(given, { url: "https://kuzzle.io/" });
  await assert.rejects(
    async () => delegate.write(anUpdate({ body: circular })),
    {
      message: /circular/,
    },
  );

  const unheard = aDelegate();
  await unheard.delegate.write(anUpdate({ body: { nested } }));
  assert.equal(unheard.handed[0]!.input.body!["nested"], nested);
});

const on = { primaryTerm: 1, seqNo: 3, source: {}, version: 1 };

/** As Kuzzle: asks its client to store the changes, with the metadata. */
const asKuzzle = async (changes: JSONObject) => {
  const doc = { ...changes, _kuzzle_info: { updatedAt: 7, updater: "joe" } };
  const params = { body: { doc }, id: "liia", index: "@&iot.taxis" };
  await tagOf(changes)?.onUpdate!({ params } as unknown as ClientCall);

  return answered({ ...changes });
};

it("leaves an update to Kuzzle, without a tag, if Kuzzle is not as expected", async () => {
  const { delegate, handed, stored } = aDelegate(asKuzzle, 10, false, false);
  const bodies: unknown[] = [];

  await delegate.write(update);
  const request = aRequest({ controller: "document" });
  await delegate.writeNatively(request, async ({ input }) => {
    bodies.push(input.body, tagOf(input.body));
  });

  assert.equal(tagOf(handed[0]?.input.body), undefined);
  assert.deepEqual(bodies, [request.input.body, undefined]);
  assert.deepEqual(stored, []);
});

it("fails if Kuzzle stored an update without its condition", async () => {
  const { _id, collection, index } = update;
  for (const name of ["writeIf", "dryRun"] as const) {
    const { delegate } = aDelegate();

    await assert.rejects(
      delegate[name](update, { on }),
      refusal("condition_lost", index, collection, _id),
    );
  }
});
