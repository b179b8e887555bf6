import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject } from "kuzzle";

import { RequestKeys } from "../../../lib/change/RequestKeys";
import { type KeyedRun, onceByKey } from "../../../lib/request/onceByKey";
import type { StoredDocument } from "../../../lib/storage/StoredDocument";
import { aRequest } from "../../support/fakeKuzzle";
import { FakeRedis } from "../../support/FakeRedis";
import { refusal } from "../../support/refusal";

const LEASE = 30_000;
const HERE: StoredDocument = {
  primaryTerm: 1,
  seqNo: 7,
  source: {},
  version: 2,
};
const unchanged = { _id: "liia", _updatedFields: [], _version: 3 };

/** Sends requests with one key, each to another node. */
function aKey() {
  const redis = new FakeRedis();
  const send = async (carryOut: (run: KeyedRun) => Promise<JSONObject>) => {
    const keyed = await onceByKey<JSONObject>(
      new RequestKeys(redis, { lease: LEASE, longest: LEASE, ttl: 86_400_000 }),
      aRequest({ requestKey: "a-key" }),
      () => "a payload",
    );
    return "answer" in keyed ? keyed.answer : keyed.run(carryOut);
  };
  /** Sends one whose node ends while its write is under way. */
  const sendAndEnd = () =>
    new Promise<void>((sent) => {
      void send(async ({ beforeTry, beforeWrite }) => {
        beforeTry();
        await beforeWrite(HERE);
        sent();
        return new Promise(() => {});
      });
    });

  return { redis, send, sendAndEnd };
}

it("does not answer that nothing changes while a write of the first request may be stored", async () => {
  const { redis, send, sendAndEnd } = aKey();
  await sendAndEnd();
  redis.now += LEASE;

  const repeat = send(async ({ beforeTry, beforeWrite }) => {
    beforeTry();
    // It conflicts: with that of the first, or with somebody else's.
    await beforeWrite(HERE);
    beforeTry();
    return unchanged;
  });

  await assert.rejects(repeat, refusal("request_outcome_unknown", "a-key"));
});

it("keeps the answer of a request that has nothing to store after others have written", async () => {
  const { send } = aKey();

  await send(async ({ beforeTry, beforeWrite }) => {
    beforeTry();
    await beforeWrite(HERE);
    beforeTry();
    return unchanged;
  });

  assert.deepEqual(await send(async () => ({})), unchanged);
});

it("frees the key after any failure once its write has certainly failed", async () => {
  const { send } = aKey();
  const broken = new Error("a pipe is broken");

  const failing = send(async ({ beforeTry, beforeWrite }) => {
    beforeTry();
    await beforeWrite(HERE);
    beforeTry();
    throw broken;
  });

  await assert.rejects(failing, broken);
  const answer = await send(async ({ beforeTry, beforeWrite }) => {
    beforeTry();
    await beforeWrite({ ...HERE, seqNo: 8 });
    return { _version: 4 };
  });
  assert.deepEqual(answer, { _version: 4 });
});
