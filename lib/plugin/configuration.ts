import { inspect } from "node:util";

import { pluginError } from "../errors";

/** What an application may set under `plugins.document-update` in its kuzzlerc. */
export interface DocumentUpdateConfiguration {
  /**
   * Name of the API controller, and first segment of its routes after `/_/`.
   *
   * @default "document-update"
   */
  readonly controller?: string;
  /**
   * Also ask for the caller's right on native `document:update`. With `false` the right on the
   * plugin's own action is the only gate.
   *
   * @default true
   */
  readonly checkRights?: boolean;
  /**
   * Handle every native `document:update` that a client sends, on any protocol. The right on the
   * native action is the only one it takes.
   *
   * @default false
   */
  readonly interceptNative?: boolean;
}

type Key = keyof DocumentUpdateConfiguration;

interface Rule {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

const defaults: Required<DocumentUpdateConfiguration> = {
  checkRights: true,
  controller: "document-update",
  interceptNative: false,
};

const aBoolean: Rule = {
  accepts: (value) => typeof value === "boolean",
  expected: "a boolean",
};

const rules: Readonly<Record<Key, Rule>> = {
  checkRights: aBoolean,
  controller: {
    accepts: (value) =>
      typeof value === "string" && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(value),
    expected: 'a name in kebab-case, such as "document-update"',
  },
  interceptNative: aBoolean,
};

/**
 * Completes what the application configured with the defaults.
 *
 * @param found the content of `plugins.document-update`, from kuzzlerc or `app.config`
 * @throws plugin.document-update.invalid_configuration naming the first key that is unknown, has
 * the wrong type or an impossible value
 */
export function readConfiguration(
  found: unknown,
): Required<DocumentUpdateConfiguration> {
  if (!isPlainObject(found)) {
    throw invalid("*", "an object", found);
  }

  for (const [key, value] of Object.entries(found)) {
    if (!isKey(key)) {
      const known = Object.keys(rules).join(", ");
      throw invalid(key, `one of the keys ${known}`, value);
    }
    if (!rules[key].accepts(value)) {
      throw invalid(key, rules[key].expected, value);
    }
  }

  return Object.freeze({ ...defaults, ...found });
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isKey(key: string): key is Key {
  return Object.hasOwn(rules, key);
}

function invalid(key: string, expected: string, found: unknown): Error {
  return pluginError(
    "invalid_configuration",
    key,
    expected,
    inspect(found, { breakLength: Infinity, depth: 1, maxStringLength: 100 }),
  );
}
