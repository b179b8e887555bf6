import { inspect } from "node:util";

import { pluginError } from "../errors";
import { isPlainObject } from "../isPlainObject";
import { isCollectionPattern } from "../write/collectionPattern";

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
  /**
   * How many times storage tries again after a version conflict, where the client does not say. 0
   * leaves it to Kuzzle.
   *
   * @default 10
   */
  readonly retryOnConflict?: number;
  /** Limits to the updates that wait for one document. */
  readonly lane?: {
    /**
     * Longest wait for the update of a document to be stored, in ms.
     *
     * @default 5000
     */
    readonly maxWait?: number;
    /**
     * How many updates may wait for one document, on one node.
     *
     * @default 10000
     */
    readonly maxPending?: number;
  };
  /**
   * What becomes of updates of one document that come at once, by pattern of its collection,
   * `<index>/<collection>`, where `*` stands for any run of characters. The first that matches
   * decides; where none does, it is `"retry"`.
   *
   * `"retry"` stores each by itself. `"fold"` stores those that wait as one.
   *
   * @default {}
   */
  readonly contention?: Readonly<Record<string, "retry" | "fold">>;
  /**
   * Patterns of the collections where updates of different documents that come at once are stored
   * by one bulk write.
   *
   * @default []
   */
  readonly groupCommit?: readonly string[];
}

/** The configuration with every key, those of `lane` included. */
export interface CompleteConfiguration extends Required<DocumentUpdateConfiguration> {
  readonly lane: Required<NonNullable<DocumentUpdateConfiguration["lane"]>>;
}

interface Rule {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

type Rules<TConfiguration> = Readonly<
  Record<keyof TConfiguration & string, Rule>
>;

const defaults: CompleteConfiguration = {
  checkRights: true,
  contention: {},
  controller: "document-update",
  groupCommit: [],
  interceptNative: false,
  lane: { maxPending: 10_000, maxWait: 5_000 },
  retryOnConflict: 10,
};

const aBoolean: Rule = {
  accepts: (value) => typeof value === "boolean",
  expected: "a boolean",
};

/** Longest delay of a timer of Node.js, in ms; as many updates do not fit in memory. */
const MAX_INTEGER = 2 ** 31 - 1;

const anInteger: Rule = {
  accepts: (value) =>
    Number.isInteger(value) &&
    Number(value) >= 0 &&
    Number(value) <= MAX_INTEGER,
  expected: `an integer from 0 to ${MAX_INTEGER}`,
};

const rules: Rules<DocumentUpdateConfiguration> = {
  checkRights: aBoolean,
  contention: {
    accepts: (value) =>
      isPlainObject(value) &&
      Object.entries(value).every(
        ([pattern, mode]) =>
          isCollectionPattern(pattern) && (mode === "retry" || mode === "fold"),
      ),
    expected:
      '"retry" or "fold" by pattern of collections, such as { "iot/*": "fold" }',
  },
  controller: {
    accepts: (value) =>
      typeof value === "string" && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(value),
    expected: 'a name in kebab-case, such as "document-update"',
  },
  groupCommit: {
    accepts: (value) =>
      Array.isArray(value) && value.every(isCollectionPattern),
    expected: 'a list of patterns of collections, such as ["iot/*"]',
  },
  interceptNative: aBoolean,
  lane: {
    accepts: isPlainObject,
    expected: "an object such as { maxWait: 5000, maxPending: 10000 }",
  },
  retryOnConflict: anInteger,
};

const laneRules: Rules<CompleteConfiguration["lane"]> = {
  maxPending: anInteger,
  maxWait: anInteger,
};

/**
 * Completes what the application configured with the defaults.
 *
 * @param found the content of `plugins.document-update`, from kuzzlerc or `app.config`
 * @throws plugin.document-update.invalid_configuration naming the first key that is unknown, has
 * the wrong type or an impossible value
 */
export function readConfiguration(found: unknown): CompleteConfiguration {
  if (!isPlainObject(found)) {
    throw invalid("*", "an object", found);
  }
  check(found, rules);
  const { lane = {} } = found as DocumentUpdateConfiguration;
  check(lane, laneRules, "lane.");

  return Object.freeze({
    ...defaults,
    ...found,
    lane: Object.freeze({ ...defaults.lane, ...lane }),
  });
}

function check<TConfiguration extends object>(
  found: TConfiguration,
  known: Readonly<Record<string, Rule>>,
  prefix = "",
): void {
  for (const [key, value] of Object.entries(found)) {
    const rule = Object.hasOwn(known, key) ? known[key] : undefined;
    if (rule === undefined) {
      const keys = Object.keys(known).join(", ");
      throw invalid(prefix + key, `one of the keys ${keys}`, value);
    }
    if (!rule.accepts(value)) {
      throw invalid(prefix + key, rule.expected, value);
    }
  }
}

function invalid(key: string, expected: string, found: unknown): Error {
  return pluginError(
    "invalid_configuration",
    key,
    expected,
    inspect(found, { breakLength: Infinity, depth: 1, maxStringLength: 100 }),
  );
}
