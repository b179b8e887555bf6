/** Names the kind of a value for error messages, without showing the value itself. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) {
    return "an array";
  }
  if (
    value === null ||
    (typeof value === "number" && !Number.isFinite(value))
  ) {
    return String(value);
  }

  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
