import { inspect } from "node:util";

import { type GuardsByCollection, isGuards, KINDS } from "../change/guards";
import { didYouMean } from "../didYouMean";
import { manifest, pluginError } from "../errors";
import { isPlainObject } from "../json";
import { isCollectionPattern } from "../kuzzle/collections";

/** What an application may set under `plugins.document-update` in its kuzzlerc. */
export interface DocumentUpdateConfiguration {
  /**
   * Name of the API controller, and first segment of its routes after `/_/`.
   *
   * @default "document-update"
   */
  readonly controller?: string;
  /**
   * Also require the right of clients on native `document:update`. With `false`, the right on the
   * plugin's own action is the only right that is checked. Server code is checked as natively, whatever
   * this says: only with `app.sdk.as(user, { checkRights: true })`.
   *
   * @default true
   */
  readonly checkRights?: boolean;
  /**
   * Handle every native `document:update` of the application, of clients on any protocol and of server
   * code; or, with patterns, those of these collections. A client needs the right on the native action,
   * and no other.
   *
   * The application does not start on a Kuzzle that is not as the plugin expects.
   *
   * @default false
   */
  readonly interceptNative?: boolean | readonly string[];
  /**
   * Prepare the key of Kuzzle's authentication tokens once, rather than at each request of a logged-in
   * user. All requests of logged-in users take less CPU time, not only updates. Tokens stay the same, and
   * a secret in PEM is left as it is.
   *
   * @default false
   */
  readonly prepareJwtKey?: boolean;
  /**
   * How many times Elasticsearch retries after a version conflict, if the client does not set it. With
   * 0, Kuzzle's own default applies.
   *
   * @default 10
   */
  readonly retryOnConflict?: number;
  /**
   * Updates of the plugin's actions, and intercepted ones, share bulk requests to Elasticsearch if they
   * arrive for the same collection while another request is under way. With `false`, each is two requests,
   * as natively.
   *
   * @default true
   */
  readonly batchWrites?: boolean;
  /**
   * Patterns of the collections where waiting updates of one document are merged and stored as one:
   * `<index>/<collection>`, where `*` stands for any characters, or none.
   *
   * @default []
   */
  readonly fold?: readonly string[];
  /**
   * How long, in ms, an update is retried after version conflicts, or waits to be folded or for its
   * turn. With 0, an update that conflicts is not retried; it still waits for its turn, for up to a
   * second.
   *
   * @default 5000
   */
  readonly maxWait?: number;
  /**
   * How many updates of one document may wait to be folded, or for their turn, on one node.
   *
   * @default 10000
   */
  readonly maxPending?: number;
  /**
   * Patterns of the collections where an update that would change nothing is not written, as with the
   * argument `skipUnchanged`. Each update there reads the document.
   *
   * @default []
   */
  readonly skipUnchanged?: readonly string[];
  /**
   * Fields that updates may not write, by patterns of collections.
   *
   * @default {}
   */
  readonly guards?: GuardsByCollection;
  /**
   * How long request keys (idempotency keys) are remembered, in ms.
   *
   * @default 86400000
   */
  readonly requestKeyTtl?: number;
}

/** The configuration with every key. */
export type CompleteConfiguration = Required<DocumentUpdateConfiguration>;

interface Rule {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

const defaults: CompleteConfiguration = {
  batchWrites: true,
  checkRights: true,
  controller: "document-update",
  fold: [],
  guards: {},
  interceptNative: false,
  maxPending: 10_000,
  maxWait: 5_000,
  prepareJwtKey: false,
  requestKeyTtl: 24 * 60 * 60 * 1_000,
  retryOnConflict: 10,
  skipUnchanged: [],
};

const aBoolean: Rule = {
  accepts: (value) => typeof value === "boolean",
  expected: "a boolean",
};

/**
 * Longest delay of a Node.js timer, in ms. As an upper limit of `maxPending` it is never reached: that
 * many updates do not fit in memory.
 */
const MAX_INTEGER = 2 ** 31 - 1;

const anIntegerFrom = (min: number): Rule => ({
  accepts: (value) =>
    Number.isInteger(value) &&
    Number(value) >= min &&
    Number(value) <= MAX_INTEGER,
  expected: `an integer from ${min} to ${MAX_INTEGER}`,
});

const patterns: Rule = {
  accepts: (value) => Array.isArray(value) && value.every(isCollectionPattern),
  expected: 'a list of patterns of collections, such as ["iot/*"]',
};

const aBooleanOrPatterns: Rule = {
  accepts: (value) => aBoolean.accepts(value) || patterns.accepts(value),
  expected: `${aBoolean.expected}, or ${patterns.expected}`,
};

const rules: Readonly<Record<keyof DocumentUpdateConfiguration, Rule>> = {
  batchWrites: aBoolean,
  checkRights: aBoolean,
  controller: {
    accepts: (value) =>
      typeof value === "string" && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(value),
    expected: 'a name in kebab-case, such as "document-update"',
  },
  fold: patterns,
  guards: {
    accepts: isGuards,
    expected:
      'guards by patterns of collections, such as { "crm/customers": { readOnly: ["legacyId"] } }',
  },
  interceptNative: aBooleanOrPatterns,
  maxPending: anIntegerFrom(1),
  maxWait: anIntegerFrom(0),
  prepareJwtKey: aBoolean,
  requestKeyTtl: anIntegerFrom(60_000),
  retryOnConflict: anIntegerFrom(0),
  skipUnchanged: patterns,
};

/**
 * Completes what the application configured with the defaults.
 *
 * @param found the content of `plugins.document-update`, from kuzzlerc or `app.config`
 * @param name of the plugin in the application
 * @throws plugin.document-update.invalid_configuration naming a key that is unknown, has the wrong type or
 * an impossible value
 */
export function readConfiguration(
  found: unknown,
  name = manifest.name,
): CompleteConfiguration {
  if (!isPlainObject(found)) {
    throw invalid(name, "an object", found);
  }
  requireKnown(name, found, Object.keys(rules));
  for (const [pattern, fields] of entriesOf(found["guards"])) {
    requireKnown(`${name}.guards.${pattern}`, fields, KINDS);
  }
  for (const [key, value] of Object.entries(found)) {
    const rule = rules[key as keyof typeof rules];
    if (!rule.accepts(value)) {
      throw invalid(`${name}.${key}`, rule.expected, value);
    }
  }
  const configuration: CompleteConfiguration = { ...defaults, ...found };
  if (configuration.fold.length > 0 && configuration.maxWait === 0) {
    const expected = 'more than 0, since "fold" has updates wait';
    const hint = `Remove it, for ${defaults.maxWait}, or remove "fold".`;
    throw invalid(`${name}.maxWait`, expected, 0, [hint]);
  }

  return Object.freeze(configuration);
}

/**
 * Checks that no key of `plugins` is a misspelt name of this plugin: Kuzzle would ignore what it has.
 *
 * @param plugins of the application's configuration
 * @param used names of the plugins that the application uses
 * @param name of this one
 * @throws plugin.document-update.invalid_configuration
 */
export function requireOwnName(
  plugins: unknown,
  used: readonly string[],
  name: string,
): void {
  const near = [name, manifest.name, ...ALIASES];
  for (const [key, value] of entriesOf(plugins)) {
    if (!used.includes(key) && didYouMean(key, near).length > 0) {
      const expected = "the name of a plugin that the application uses";
      throw invalid(key, expected, value, [`Did you mean "${name}"?`]);
    }
  }
}

/** What else the plugin may be taken to be called: as its package, and as its class. */
const ALIASES = ["kuzzle-plugin-document-update", "DocumentUpdatePlugin"];

/** Throws if an object has other keys than these. @param path of the object */
function requireKnown(
  path: string,
  found: unknown,
  known: readonly string[],
): void {
  for (const [key, value] of entriesOf(found)) {
    if (!known.includes(key)) {
      const expected = `one of the keys ${known.join(", ")}`;
      throw invalid(`${path}.${key}`, expected, value, didYouMean(key, known));
    }
  }
}

function entriesOf(found: unknown): [string, unknown][] {
  return isPlainObject(found) ? Object.entries(found) : [];
}

function invalid(
  key: string,
  expected: string,
  found: unknown,
  hint: readonly string[] = [],
): Error {
  return pluginError(
    "invalid_configuration",
    key,
    expected,
    inspect(found, { breakLength: Infinity, depth: 1, maxStringLength: 100 }),
    ...hint,
  );
}
