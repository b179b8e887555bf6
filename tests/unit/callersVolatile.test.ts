import assert from "node:assert/strict";
import { before, it } from "node:test";

import type { JSONObject } from "kuzzle";

import { restoreVolatile } from "../../lib/write/callersVolatile";
import { aRequest, FakeKuzzle } from "../support/fakeKuzzle";

const added = { sdkInstanceId: "funnel", sdkName: "js@7.17.1" };

function aDelegated(callersVolatile: JSONObject | null) {
  return aRequest(
    { callersVolatile, controller: "document", volatile: { ...added } },
    { connection: { id: "funnel", protocol: "funnel" } },
  );
}

before(() => new FakeKuzzle());

it("gives a delegated request the volatile of its caller, or none", async () => {
  for (const volatile of [{ trace: 1 }, null]) {
    const request = aDelegated(volatile);
    const event = { metadata: {}, request };

    assert.equal(await restoreVolatile(event), event);

    assert.deepEqual(request.input.volatile, volatile);
    assert.ok(!Object.hasOwn(request.input.args, "callersVolatile"));
  }
});

it("leaves every other request of the embedded SDK alone", async () => {
  const request = aRequest(
    { controller: "document", volatile: { ...added } },
    { connection: { id: "funnel", protocol: "funnel" } },
  );

  await restoreVolatile({ request });

  assert.deepEqual(request.input.volatile, added);
});

it("obeys no client that sends an argument of that name", async () => {
  const request = aRequest({
    callersVolatile: { forged: true },
    controller: "document",
    volatile: { trace: 1 },
  });

  await restoreVolatile({ request });

  assert.deepEqual(request.input.volatile, { trace: 1 });
  assert.deepEqual(request.input.args["callersVolatile"], { forged: true });
});
