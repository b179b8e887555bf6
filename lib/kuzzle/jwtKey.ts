import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
} from "node:crypto";
import { createRequire } from "node:module";

import { pluginError } from "../errors";

/** The part of the package `jsonwebtoken` that is used here, as Kuzzle has it. */
interface JsonWebToken {
  readonly sign: (payload: object, key: KeyObject | string) => string;
  readonly verify: (token: string, key: KeyObject | string) => unknown;
}

/** What Kuzzle signs and verifies its authentication tokens with. */
interface Secret {
  secret: unknown;
}

/**
 * Replaces the secret of Kuzzle's authentication tokens by the key that `jsonwebtoken` makes of it.
 *
 * Kuzzle keeps its secret as text. `jsonwebtoken` 9 first takes a text for a public key in PEM, at each
 * token that it verifies, and only when that has failed makes a secret key of it. The failure takes more
 * time than the rest of the verification. Signatures are the same with the key, so tokens that were made
 * before stay valid, and so do those of nodes that keep the text.
 *
 * A secret in PEM, which signs with RS256, stays as it is, and so does one that is no text.
 *
 * @returns a function that puts the text back; undefined if the secret stays as it is
 * @see https://github.com/auth0/node-jsonwebtoken/issues/1046
 */
export function prepareJwtKey(): (() => void) | undefined {
  const kuzzle = global.kuzzle as unknown as Secret;
  const { secret } = kuzzle;
  if (typeof secret !== "string" || isPem(secret)) {
    return undefined;
  }
  const key = createSecretKey(Buffer.from(secret));
  requireSameTokens(secret, key);
  kuzzle.secret = key;

  return () => {
    kuzzle.secret = secret;
  };
}

function isPem(secret: string): boolean {
  return [createPrivateKey, createPublicKey].some((create) => {
    try {
      create(secret);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Checks that a token that is signed with one of the two is verified with the other.
 *
 * @throws plugin.document-update.unsupported_kuzzle
 */
function requireSameTokens(secret: string, key: KeyObject): void {
  try {
    const { sign, verify } = createRequire(
      require.resolve("kuzzle/package.json"),
    )("jsonwebtoken") as JsonWebToken;
    verify(sign({}, secret), key);
    verify(sign({}, key), secret);
  } catch (cause) {
    const error = pluginError(
      "unsupported_kuzzle",
      "prepareJwtKey",
      `its authentication tokens, ${String(cause)}`,
    );
    error.cause = cause;
    throw error;
  }
}
