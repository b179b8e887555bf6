import { isObject } from "./isObject";

/** Returns the fields that are not there any more, as paths such as `position.lat`. */
export function removedPaths(before: unknown, after: unknown): string[] {
  if (!isObject(before) || !isObject(after)) {
    return [];
  }

  return Object.entries(before).flatMap(([key, value]) =>
    Object.hasOwn(after, key)
      ? removedPaths(value, after[key]).map((path) => `${key}.${path}`)
      : [key],
  );
}
