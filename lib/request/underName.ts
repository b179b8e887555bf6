import type { KuzzleRequest } from "kuzzle";

/**
 * Returns a view of a request under another controller name. Reads and writes of anything else go to the
 * request itself.
 */
export function underName(
  controller: string,
  request: KuzzleRequest,
): KuzzleRequest {
  const input = readingThrough(request.input, "controller", controller);
  return readingThrough(request, "input", input);
}

/** Returns a view of an object in which one property has another value. */
function readingThrough<TObject extends object, TKey extends keyof TObject>(
  target: TObject,
  property: TKey,
  value: TObject[TKey],
): TObject {
  return new Proxy(target, {
    get: (_, key) =>
      key === property ? value : (Reflect.get(target, key) as unknown),
  });
}
