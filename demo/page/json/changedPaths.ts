import { isObject } from "./isObject";

/** Name of a place in a document, for sets. */
export function pathKey(path: readonly (number | string)[]): string {
  return JSON.stringify(path);
}

/**
 * Returns the places where a value is not what it was before: of objects, their fields; anything else as
 * a whole. What is not there any more has no place.
 */
export function changedPaths(before: unknown, after: unknown): Set<string> {
  const changed = new Set<string>();
  compare(before, after, []);

  return changed;

  function compare(
    old: unknown,
    current: unknown,
    path: readonly string[],
  ): void {
    if (isObject(old) && isObject(current)) {
      for (const [key, value] of Object.entries(current)) {
        const was = Object.hasOwn(old, key) ? old[key] : undefined;
        compare(was, value, [...path, key]);
      }
    } else if (JSON.stringify(old) !== JSON.stringify(current)) {
      changed.add(pathKey(path));
    }
  }
}
