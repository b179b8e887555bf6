import assert from "node:assert/strict";
import { it } from "node:test";

import { type EmbeddedSDK, KuzzleError } from "kuzzle";

import { delegateUpdate } from "../../lib/write/delegateUpdate";

const update = {
  _id: "liia",
  body: { seats: 5 },
  collection: "yellow-taxi",
  index: "nyc-open-data",
  kuid: "joe",
  options: {
    requestId: "a-request",
    silent: true,
    source: false,
    timestamp: 1,
    volatile: { trace: 1 },
  },
};

function aSdk(answer: () => Promise<unknown>) {
  const calls: unknown[][] = [];
  const sdk = {
    as: (...impersonation: unknown[]) => ({
      document: {
        update: (...args: unknown[]) => {
          calls.push([...impersonation, ...args]);
          return answer();
        },
      },
    }),
  };

  return { calls, sdk: sdk as unknown as EmbeddedSDK };
}

it("updates the document on behalf of the caller, with the options as they are", async () => {
  const { calls, sdk } = aSdk(async () => ({ _id: "liia" }));

  assert.deepEqual(await delegateUpdate(sdk, update), { _id: "liia" });
  assert.deepEqual(calls, [
    [
      { _id: "joe" },
      { checkRights: false },
      "nyc-open-data",
      "yellow-taxi",
      "liia",
      update.body,
      {
        // Where the embedded SDK adds nothing to it.
        callersVolatile: { trace: 1 },
        requestId: "a-request",
        silent: true,
        source: false,
        timestamp: 1,
      },
    ],
  ]);
});

it("lets the native error pass untouched", async () => {
  const error = new Error("native");
  const { sdk } = aSdk(() => Promise.reject(error));

  await assert.rejects(delegateUpdate(sdk, update), (found) => found === error);
});

it("tells a version conflict from other native errors", async () => {
  const native = new KuzzleError(
    "[liia]: version conflict, required seqNo [3]",
    500,
    "services.storage.unexpected_error",
    1,
  );
  const { sdk } = aSdk(() => Promise.reject(native));

  await assert.rejects(delegateUpdate(sdk, update), {
    cause: native,
    id: "plugin.document-update.version_conflict",
    status: 409,
  });
});
