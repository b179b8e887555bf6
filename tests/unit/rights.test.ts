import assert from "node:assert/strict";
import { it } from "node:test";

import type { KuzzleError } from "kuzzle";
import * as kerror from "kuzzle/dist/lib/kerror";

import {
  assertNativeRight,
  callerOf,
  type User,
} from "../../lib/request/rights";
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

it("accepts a user who has the right", async () => {
  const kuzzle = new FakeKuzzle();

  await assertNativeRight(aRequest(), user({ allowed: true }));

  assert.deepEqual(kuzzle.events, []);
});

it("refuses a user without the right with Kuzzle's own error", async () => {
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

    await assert.rejects(
      assertNativeRight(request, user({ _id, allowed: false })),
      (error: KuzzleError) => {
        assert.deepEqual(
          { ...error.toJSON(), stack: "" },
          { ...native.toJSON(), stack: "" },
        );
        assert.equal(request.error, error);
        return true;
      },
    );
    assert.deepEqual(kuzzle.fired, [
      { args: [request], event: "request:onUnauthorized" },
    ]);
  }
});
