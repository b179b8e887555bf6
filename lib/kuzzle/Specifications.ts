import { isPlainObject } from "../isPlainObject";
import { Internal } from "./Internal";

/**
 * Tells which collections have specifications, by which Kuzzle validates documents.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/core/validation/validation.js `validate`
 */
export class Specifications extends Internal {
  readonly name = "its specifications of collections";
  readonly cost =
    "every document is read before it is updated, and none is folded";

  /** Tells whether documents of a collection are validated. True if that cannot be determined. */
  have(index: string, collection: string): boolean {
    if (!this.isTrusted) {
      return true;
    }
    const all = specification();

    return Object.hasOwn(all, index) && all[index]?.[collection] !== undefined;
  }

  protected check(): boolean {
    const all: unknown = specification();

    return isPlainObject(all) && Object.values(all).every(isPlainObject);
  }
}

function specification(): Readonly<
  Record<string, Readonly<Record<string, unknown>> | undefined>
> {
  const { validation } = global.kuzzle as unknown as {
    validation: { specification: ReturnType<typeof specification> };
  };

  return validation.specification;
}
