import { isPlainObject } from "../json";
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

  /**
   * Tells whether a specification requires a field, gives it a default value, or describes fields in it.
   * False if that cannot be determined.
   *
   * @param path names of the parent objects, and of the field
   */
  need(index: string, collection: string, path: readonly string[]): boolean {
    if (!this.isTrusted || !this.have(index, collection)) {
      return false;
    }
    let field = specification()[index]?.[collection]?.fields;
    for (const name of path) {
      field = field?.children?.[name];
    }

    return (
      field !== undefined &&
      (field.mandatory === true ||
        Object.hasOwn(field, "defaultValue") ||
        Object.keys(field.children ?? {}).length > 0)
    );
  }

  protected check(): boolean {
    const all: unknown = specification();

    return isPlainObject(all) && Object.values(all).every(isPlainObject);
  }
}

/** The specification of a field, or of all fields of a collection. */
interface FieldSpecification {
  readonly children?: Readonly<Record<string, FieldSpecification>>;
  readonly defaultValue?: unknown;
  readonly mandatory?: boolean;
}

type SpecificationsByCollection = Readonly<
  Record<string, { readonly fields?: FieldSpecification } | undefined>
>;

function specification(): Readonly<
  Record<string, SpecificationsByCollection | undefined>
> {
  const { validation } = global.kuzzle as unknown as {
    validation: { specification: ReturnType<typeof specification> };
  };

  return validation.specification;
}
