import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { isPlainObject } from "../isPlainObject";
import type { KoncordeClass } from "./compileClause";
import { compileFilter } from "./compileFilter";
import type { Target } from "../write/UpdateArguments";

/** Tells whether a document is as a filter of Koncorde demands. */
export type Condition = (document: JSONObject) => boolean;

/** Conditions that are kept, those that were read last. */
const MAX_KEPT = 1_000;
/** Levels of JSON in a filter. */
const MAX_DEPTH = 20;
/** Values in a filter: objects, lists, and what they hold. */
const MAX_VALUES = 200;
/** Characters of a filter, as JSON. */
const MAX_LENGTH = 10_000;
/** Regular expressions in a filter: one takes up to 0.1 s to be compiled. */
const MAX_REGEXPS = 3;
/** Characters of a regular expression. */
const MAX_PATTERN = 100;
/** Characters of Koncorde's message, which may show all of the filter. */
const MAX_MESSAGE = 300;

/**
 * Reads conditions, each a filter of Koncorde, and keeps what it made of them.
 *
 * @see https://docs.kuzzle.io/core/2/api/koncorde-filters-syntax/
 */
export class Conditions {
  readonly #kept = new Map<string, Condition>();
  readonly #koncorde: () => KoncordeClass;

  /** @param koncorde throws where filters cannot be applied */
  constructor(koncorde: () => KoncordeClass) {
    this.#koncorde = koncorde;
  }

  /**
   * @param filter from the client: whatever it may cost is bounded before Koncorde sees it
   * @throws plugin.document-update.invalid_condition, with Koncorde's own message; so does a condition
   * that cannot be applied to a document; what `koncorde` throws
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
    // A copy: what the client sent is nobody's to keep.
    const filter = JSON.parse(key) as JSONObject;
    const matches = orInvalid(() => compileFilter(filter, Koncorde));

    return (document) => orInvalid(() => matches(document));
  }
}

/**
 * @param source the document as it is stored
 * @throws plugin.document-update.condition_not_met, which tells nothing of what is stored
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
