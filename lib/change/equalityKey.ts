import { isPlainObject } from "../isPlainObject";

/**
 * Makes a text of a value of JSON that is the same for equal values, and for no others: the order of
 * the keys of an object does not matter, and -0 equals 0.
 *
 * Not JSON itself: the values are written level by level, so that no depth ends the stack of calls.
 */
export function equalityKey(value: unknown): string {
  const parts: string[] = [];
  const values = [value];
  for (const each of values) {
    if (Array.isArray(each)) {
      parts.push(`[${each.length}`);
      for (const item of each as readonly unknown[]) {
        values.push(item);
      }
    } else if (isPlainObject(each)) {
      const keys = Object.keys(each).sort();
      parts.push(`{${JSON.stringify(keys)}`);
      for (const key of keys) {
        values.push(each[key]);
      }
    } else {
      // Nothing, where there is no value.
      parts.push(JSON.stringify(each));
    }
  }

  return parts.join();
}
