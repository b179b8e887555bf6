import assert from "node:assert/strict";
import { it } from "node:test";

import * as kerror from "kuzzle/dist/lib/kerror";

import { callerOf, type User, withNativeRight } from "../../lib/request/rights";
import { aRequest, aUser, FakeKuzzle } from "../support/fakeKuzzle";

const user = (options: { _id?: string; allowed?: boolean }) =>
  aUser(options) as unknown as User;

it("returns the user of the request", () => {
  assert.equal(callerOf(aRequest())._id, "joe");
});

it("refuses a request without a user", () => {
  assert.throws(() => callerOf(aRequest({}, { user: null })), {
    id: "plugin.document-update.user_required",
    props: ["document-update", "update"],
    status: 401,
  });
});

it("runs the action for a user who has the right", async () => {
  const kuzzle = new FakeKuzzle();
  const outcome = aRequest();

  const found = await withNativeRight(
    aRequest(),
    user({ allowed: true }),
    async () => outcome,
  );

  assert.equal(found, outcome);
  assert.deepEqual(kuzzle.events, []);
});

it("refuses a user without the right with Kuzzle's own error, and runs nothing", async () => {
  for (const [_id, name] of [
    ["-1", "unauthorized"],
    ["joe", "forbidden"],
  ] as const) {
    const kuzzle = new FakeKuzzle();
    const native = kerror.get(
      "security",
      "rights",
      name,
      "document",
      "update",
      _id,
    );
    const request = aRequest({ controller: "document" });

    const { error } = await withNativeRight(
      request,
      user({ _id, allowed: false }),
      () => assert.fail("the action ran"),
    );

    assert.deepEqual(
      { ...error?.toJSON(), stack: "" },
      { ...native.toJSON(), stack: "" },
    );
    assert.deepEqual(kuzzle.fired, [
      { args: [request], event: "request:onUnauthorized" },
    ]);
  }
});
