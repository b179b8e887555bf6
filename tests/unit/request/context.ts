import assert from "node:assert/strict";
import { it } from "node:test";

import { errorCopy } from "../../../lib/json";
import {
  isOfServerCode,
  kuidOf,
  type RequestContext,
} from "../../../lib/kuzzle/application";

it("tells server code by its protocol alone, and the application by its lack of a user", () => {
  const of = (protocol: string, user: object | null) =>
    ({ connection: { protocol }, user }) as unknown as RequestContext;

  assert.equal(isOfServerCode(of("funnel", null)), true);
  assert.equal(isOfServerCode(of("http", null)), false);
  assert.equal(kuidOf(of("funnel", null)), null);
  assert.equal(kuidOf(of("http", { _id: "joe" })), "joe");
});

it("copies errors, and leaves alone what a pipe has thrown in place of one", () => {
  const error = Object.assign(new TypeError("a text"), { id: "an id" });
  const copy = errorCopy(error);

  assert.ok(copy instanceof TypeError);
  assert.notEqual(copy, error);
  assert.deepEqual(
    [copy.message, copy.stack, (copy as typeof error).id],
    [error.message, error.stack, "an id"],
  );
  assert.equal(errorCopy("a text"), "a text");
});
