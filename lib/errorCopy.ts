/**
 * Copies an error, with its class, stack and properties. When several requests fail for the same reason,
 * each gets an error of its own, which its pipes may change.
 */
export function errorCopy(error: unknown): unknown {
  if (!(error instanceof Error)) {
    return error;
  }
  // A real error of the same class, made without the constructor of the class.
  const copy: unknown = Reflect.construct(Error, [], error.constructor);

  return Object.defineProperties(copy, Object.getOwnPropertyDescriptors(error));
}
