import assert from "node:assert/strict";
import { createSecretKey, generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";
import { it, mock } from "node:test";

import { prepareJwtKey } from "../../../lib/kuzzle/jwtKey";
import { FakeKuzzle } from "../../support/fakeKuzzle";

interface JsonWebToken {
  readonly sign: (payload: object, key: unknown) => string;
  readonly verify: (token: string, key: unknown) => { readonly _id: string };
}

const { sign, verify } = createRequire(require.resolve("kuzzle/package.json"))(
  "jsonwebtoken",
) as JsonWebToken;

const prepared = (secret: unknown) => {
  const { kuzzle } = new FakeKuzzle();
  kuzzle["secret"] = secret;

  return { kuzzle, putBack: prepareJwtKey() };
};

it("makes a key of the text, with which tokens of both kinds are valid, and puts the text back", () => {
  const { kuzzle, putBack } = prepared("a secret");
  const key = kuzzle["secret"];

  assert.equal(typeof key, "object");
  for (const [of, by] of [
    ["a secret", key],
    [key, "a secret"],
    [key, key],
  ]) {
    assert.equal(verify(sign({ _id: "joe" }, of), by)._id, "joe");
  }
  assert.throws(() => verify(sign({}, "another"), key));
  putBack?.();
  assert.equal(kuzzle["secret"], "a secret");
});

it("leaves a secret alone that is PEM, or no text", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { format: "pem", type: "pkcs8" },
    publicKeyEncoding: { format: "pem", type: "spki" },
  });
  for (const secret of [
    privateKey,
    publicKey,
    createSecretKey(Buffer.from("a secret")),
    undefined,
    null,
  ]) {
    const { kuzzle, putBack } = prepared(secret);

    assert.equal(kuzzle["secret"], secret);
    assert.equal(putBack, undefined);
  }
});

it("stops the application if tokens are not the same with the key", () => {
  const jsonwebtoken = createRequire(require.resolve("kuzzle/package.json"))(
    "jsonwebtoken",
  ) as JsonWebToken;
  const refusing = mock.method(jsonwebtoken, "verify", () => {
    throw new Error("invalid signature");
  });
  try {
    assert.throws(() => prepared("a secret"), {
      id: "plugin.document-update.unsupported_kuzzle",
    });
  } finally {
    refusing.mock.restore();
  }
});
