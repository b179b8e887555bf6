// What Kuzzle keeps in memory. Only `Seams` reads it, which first checks that it is as expected.
import { isPlainObject } from "../json";

/**
 * Makes a function that tells whether a pipe or a hook listens to any of some events, by name or by a
 * wildcard. Kuzzle keeps pipes in a map of its own, and hooks as listeners of an event emitter.
 *
 * @param own events with one pipe of the plugin's own, which does not count
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/kuzzle/event/KuzzleEventEmitter.ts `pipe`
 */
export function hearing(
  events: readonly string[],
  own: readonly string[] = [],
): () => boolean {
  const names = [...new Set(events.flatMap(namesOf))];

  return () => {
    const { pluginPipes } = global.kuzzle as unknown as {
      readonly pluginPipes: ReadonlyMap<string, readonly unknown[]>;
    };
    return names.some(
      (name) =>
        // Kuzzle leaves an empty array when a pipe is removed.
        (pluginPipes.get(name) ?? []).length > Number(own.includes(name)) ||
        global.kuzzle.listenerCount(name) > 0,
    );
  };
}

/**
 * Tells whether the listeners are where they are expected: the pipe in which the plugin checks Kuzzle, its
 * hook on each request, and none to an event that nobody knows.
 */
export function areListenersKnown(): boolean {
  return (
    hearing(["kuzzle:state:live"])() &&
    hearing(["request:onExecution"])() &&
    !hearing(["document-update-check:event"])()
  );
}

/** Returns the names under which one can listen to an event, wildcards included. */
function namesOf(event: string): readonly string[] {
  const scope = event.slice(0, event.lastIndexOf(":") + 1);
  const prefixes = ["", "before", "after"].filter((prefix) =>
    event.startsWith(scope + prefix),
  );

  return [event, ...prefixes.map((prefix) => `${scope}${prefix}*`)];
}

/** The specification of a field, or of all fields of a collection. */
interface FieldSpecification {
  readonly children?: Readonly<Record<string, FieldSpecification>>;
  readonly defaultValue?: unknown;
  readonly mandatory?: boolean;
}

interface Specification {
  readonly fields?: FieldSpecification;
}

/**
 * Returns the specifications by which Kuzzle validates documents, by index and collection.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/core/validation/validation.js `validate`
 */
function specifications() {
  const { validation } = global.kuzzle as unknown as {
    validation: {
      specification: Record<string, Record<string, Specification>>;
    };
  };

  return validation.specification;
}

/** Tells whether the specifications have the form that is expected of them. */
export function areSpecificationsKnown(): boolean {
  const all: unknown = specifications();

  return isPlainObject(all) && Object.values(all).every(isPlainObject);
}

/** Tells whether documents of a collection are validated. */
export function isSpecified(index: string, collection: string): boolean {
  return specificationOf(index, collection) !== undefined;
}

function specificationOf(
  index: string,
  collection: string,
): Specification | undefined {
  const all = specifications();

  return Object.hasOwn(all, index) ? all[index]?.[collection] : undefined;
}

/**
 * Tells whether a specification requires a field, gives it a default value, or describes fields in it.
 *
 * @param path names of the parent objects, and of the field
 */
export function isFieldNeeded(
  index: string,
  collection: string,
  path: readonly string[],
): boolean {
  let field = specificationOf(index, collection)?.fields;
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
