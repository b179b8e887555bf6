import { isPlainObject } from "../isPlainObject";

/**
 * Serializes a JSON value so that equal values, and only these, have the same text: the order of object
 * keys does not matter, and -0 equals 0.
 *
 * The values are written level by level rather than recursively: a deep value cannot overflow the stack.
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
      // Adds nothing for undefined.
      parts.push(JSON.stringify(each));
    }
  }

  return parts.join();
}
