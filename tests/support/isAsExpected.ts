import assert from "node:assert/strict";

import type { Internal } from "../../lib/kuzzle/Internal";

/** Runs a check of Kuzzle; if it fails, its message must have the name of the part and the cost. */
export async function isAsExpected(internal: Internal): Promise<boolean> {
  const told = await internal.verify();
  if (!internal.isTrusted) {
    assert.ok(told);
    assert.ok(told.startsWith(internal.name), told);
    assert.ok(told.endsWith(`(without it, ${internal.cost})`), told);
  }
  assert.equal(told === undefined, internal.isTrusted);

  return internal.isTrusted;
}
