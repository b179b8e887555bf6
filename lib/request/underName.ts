import type { KuzzleRequest } from "kuzzle";

/** The same request, read and written, but for the name of its controller. */
export function underName(
  controller: string,
  request: KuzzleRequest,
): KuzzleRequest {
  const input = readingThrough(request.input, "controller", controller);
  return readingThrough(request, "input", input);
}

/** A view of an object that answers one property differently. */
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
