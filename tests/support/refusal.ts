import assert from "node:assert/strict";

import type { KuzzleError } from "kuzzle";

/** For `assert.throws`: an error of the plugin's catalogue, with these props. */
export function refusal(name: string, ...props: string[]) {
  return (error: KuzzleError): true => {
    assert.equal(error.id, `plugin.document-update.${name}`);
    assert.deepEqual(error.props, props);

    return true;
  };
}

/** Expects that error of a promise. */
export const fails = (
  name: string,
  promise: Promise<unknown>,
  ...props: string[]
) => assert.rejects(promise, refusal(name, ...props));
