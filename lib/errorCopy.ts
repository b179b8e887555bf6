/**
 * Copies an error, with its class, stack and properties. When several requests fail for the same reason,
 * each gets an error of its own, which its pipes may change.
 */
export function errorCopy(error: unknown): unknown {
  if (!(error instanceof Error)) {
    return error;
  }
  const copy = Object.setPrototypeOf(
    new Error(),
    Object.getPrototypeOf(error) as object,
  ) as object;

  return Object.defineProperties(copy, {
    ...Object.getOwnPropertyDescriptors(error),
    // Since Node.js 21 a getter, which would return the copy's own.
    stack: { configurable: true, value: error.stack, writable: true },
  });
}
