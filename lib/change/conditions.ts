import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { isPlainObject } from "../isPlainObject";
import type { KoncordeClass } from "./compileClause";
import { compileFilter } from "./compileFilter";
import type { Target } from "../write/UpdateArguments";

/** Tells whether a document meets a condition. */
export type Condition = (document: JSONObject) => boolean;

/** Size of the cache of conditions (least recently used ones are dropped). */
const MAX_KEPT = 1_000;
/** Most levels of nesting in a filter. */
const MAX_DEPTH = 20;
/** Most values in a filter: objects, arrays and what they contain. */
const MAX_VALUES = 200;
/** Longest filter, in characters of JSON. */
const MAX_LENGTH = 10_000;
/** Most regular expressions in a filter: one takes up to 0.1 s to compile. */
const MAX_REGEXPS = 3;
/** Longest regular expression, in characters. */
const MAX_PATTERN = 100;
/** Longest part of Koncorde's error message that is shown, in characters: it may contain the whole filter. */
const MAX_MESSAGE = 300;

/**
 * Compiles conditions, which are Koncorde filters, and caches them.
 *
 * @see https://docs.kuzzle.io/core/2/api/koncorde-filters-syntax/
 */
export class Conditions {
  readonly #kept = new Map<string, Condition>();
  readonly #koncorde: () => KoncordeClass;

  /** @param koncorde returns the class, or throws if filters cannot be evaluated on this Kuzzle */
  constructor(koncorde: () => KoncordeClass) {
    this.#koncorde = koncorde;
  }

  /**
   * @param filter from the client; its size is limited before Koncorde reads it
   * @throws plugin.document-update.invalid_condition, with Koncorde's own message; the returned
   * condition throws it too, if it cannot be evaluated on a document; the error of `koncorde`
   */
  read(filter: unknown): Condition {
    const Koncorde = this.#koncorde();
    const key = orInvalid(() => boundedJson(filter));
    const condition = this.#kept.get(key) ?? this.#compile(key, Koncorde);
    this.#kept.delete(key);
    this.#kept.set(key, condition);
    if (this.#kept.size > MAX_KEPT) {
      this.#kept.delete(this.#kept.keys().next().value!);
    }

    return condition;
  }

  #compile(key: string, Koncorde: KoncordeClass): Condition {
    // Parsed from the key, so that the cache does not hold an object of the client's request.
    const filter = JSON.parse(key) as JSONObject;
    const matches = orInvalid(() => compileFilter(filter, Koncorde));

    return (document) => orInvalid(() => matches(document));
  }
}

/**
 * @param source the stored document
 * @throws plugin.document-update.condition_not_met, which reveals nothing of the document
 */
export function checkCondition(
  condition: Condition,
  { _id, collection, index }: Target,
  source: JSONObject,
): void {
  if (!condition({ ...source, _id })) {
    throw pluginError("condition_not_met", index, collection, _id);
  }
}

function boundedJson(filter: unknown): string {
  if (!isPlainObject(filter)) {
    throw new Error("it must be an object");
  }
  let regexps = 0;
  const values: [value: unknown, depth: number, isRegexp: boolean][] = [
    [filter, 1, false],
  ];
  for (const [value, depth, isRegexp] of values) {
    if (typeof value === "string" && isRegexp && value.length > MAX_PATTERN) {
      throw new Error(`"regexp" may have ${MAX_PATTERN} characters`);
    }
    if (typeof value !== "object" || value === null) {
      continue;
    }
    for (const [key, each] of Object.entries(value) as [string, unknown][]) {
      const begins = key === "regexp" && isPlainObject(each);
      regexps += Number(begins);
      values.push([each, depth + 1, isRegexp || begins]);
      if (values.length > MAX_VALUES || depth >= MAX_DEPTH) {
        throw new Error(
          `it may hold ${MAX_VALUES} values, in ${MAX_DEPTH} levels`,
        );
      }
      if (regexps > MAX_REGEXPS) {
        throw new Error(`it may hold ${MAX_REGEXPS} of "regexp"`);
      }
      if (key === "__proto__") {
        throw new Error('no field is called "__proto__"');
      }
    }
  }
  const json = JSON.stringify(filter);
  if (json.length > MAX_LENGTH) {
    throw new Error(`it may have ${MAX_LENGTH} characters`);
  }

  return json;
}

function orInvalid<TResult>(run: () => TResult): TResult {
  try {
    return run();
  } catch (error) {
    const message = (error as Error).message.slice(0, MAX_MESSAGE);
    throw pluginError("invalid_condition", message);
  }
}
