import assert from "node:assert/strict";
import { beforeEach, it, mock } from "node:test";

import { Impersonation } from "../../../lib/kuzzle/Impersonation";
import { RunningKuzzle } from "../../support/runningKuzzle";
import { isAsExpected } from "../../support/isAsExpected";

let fake: RunningKuzzle;
beforeEach(() => {
  fake = new RunningKuzzle();
  fake.elasticsearch.store("liia");
});

const KEY = Symbol("of the plugin");

/** Updates a document on behalf of "joe", and returns what Kuzzle was handed. */
async function updated(impersonation: Impersonation) {
  const body = { [KEY]: true, seats: 5 };
  const options = { requestId: "mine", silent: true, volatile: { a: 1 } };
  await impersonation.updateAs("joe")("iot", "taxis", "liia", body, options);
  const request = fake.handed.at(-1)!;

  assert.equal(request.getKuid(), "joe");
  assert.deepEqual(Object.entries(request.getBody()), [["seats", 5]]);
  assert.equal(request.id, "mine");
  assert.equal(request.getBoolean("silent"), true);

  return request;
}

it("is as expected, in the installed Kuzzle", async () => {
  assert.ok(await isAsExpected(new Impersonation(fake.sdk)));
});

it("hands a request to Kuzzle as it is", async () => {
  const impersonation = new Impersonation(fake.sdk);
  await impersonation.verify();

  const { input } = await updated(impersonation);

  assert.equal((input.body as Record<symbol, unknown>)[KEY], true);
  assert.deepEqual(input.volatile, { a: 1 });
});

it("uses the documented way if it may not rely on the protocol", async () => {
  const { input } = await updated(new Impersonation(fake.sdk));

  assert.ok(!(KEY in input.body!));
  assert.equal((input.volatile as { a?: number }).a, 1);
});

it("is not used if the protocol is hidden, renamed or answers something else", async () => {
  for (const protocol of [
    undefined,
    {},
    new Map(),
    { execute: async () => ({ result: { now: 1 } }) },
    { id: "funnel", query: async () => ({ now: 1 }) },
    { id: "funnel", query: async () => ({ result: { now: "today" } }) },
    { id: "funnel", query: () => Promise.reject(new Error("none")) },
    { id: "other", query: async () => ({ result: { now: 1 } }) },
  ]) {
    const sdk = { protocol } as unknown as typeof fake.sdk;

    assert.ok(!(await isAsExpected(new Impersonation(sdk))));
  }
});

it("builds the SDK of a user once, and keeps a limited number", async () => {
  const impersonation = new Impersonation(fake.sdk);
  await impersonation.verify();
  const as = mock.method(fake.sdk, "as");
  const built = () => as.mock.callCount();

  for (let number = 0; number < 1_001; number++) {
    impersonation.updateAs(`user-${number}`);
  }
  assert.equal(built(), 1_001);
  assert.deepEqual(as.mock.calls[0]?.arguments, [
    { _id: "user-0" },
    { checkRights: false },
  ]);

  impersonation.updateAs("user-1000");
  impersonation.updateAs("user-1");
  assert.equal(built(), 1_001);
  impersonation.updateAs("user-0");
  assert.equal(built(), 1_002);
});

it("keeps no SDK that takes the documented way", () => {
  const impersonation = new Impersonation(fake.sdk);

  assert.notEqual(impersonation.updateAs("joe"), impersonation.updateAs("joe"));
});
