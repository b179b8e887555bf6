import type { JSONObject } from "kuzzle";

import { foldChanges, type IsSurelyValid } from "./foldChanges";
import type { FoldRules } from "./foldRules";
import type { UpdateArguments } from "./UpdateArguments";

/** A sum of this size, in characters of JSON, takes no further update: proxies commonly refuse more than 1 MiB. */
const MAX_LENGTH = 500_000;

/** A sequence of updates, of the same user and with the same options, that one write can store. */
export class UpdateSum {
  readonly #body: JSONObject = {};
  #length = 0;
  #first: UpdateArguments | undefined;
  #isSurelyValid: IsSurelyValid | undefined;
  readonly #rules: FoldRules;

  constructor(rules: FoldRules) {
    this.#rules = rules;
  }

  /** Appends an update. @returns false if it cannot be stored with the others */
  add(update: UpdateArguments): boolean {
    if (
      this.#length >= MAX_LENGTH ||
      !this.#rules.isFoldable(update) ||
      (this.#first && !haveSameOptions(this.#first, update))
    ) {
      return false;
    }
    this.#first ??= update;
    this.#isSurelyValid ??= this.#rules.isSurelyValid(update);

    const isAdded = foldChanges(this.#body, update.body, this.#isSurelyValid);
    if (isAdded) {
      this.#length += JSON.stringify(update.body).length;
    }

    return isAdded;
  }
}

function haveSameOptions(one: UpdateArguments, other: UpdateArguments) {
  return (
    one.kuid === other.kuid &&
    one.options.silent === other.options.silent &&
    one.options.source === other.options.source &&
    one.options.retryOnConflict === other.options.retryOnConflict
  );
}
