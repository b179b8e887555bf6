import fc from "fast-check";
import type { JSONObject } from "kuzzle";

/** Few names, so that documents have names in common. */
export const NAMES = ["a", "b", "c.d", "e\\", "toString"] as const;

/** Names that JSON allows, but that Elasticsearch's clients refuse to read. */
export const HOSTILE_NAMES = ["a", "b", "__proto__", "constructor"] as const;

/** Any small document whose fields have these names. */
export function aDocument(
  names: readonly string[] = NAMES,
): fc.Arbitrary<JSONObject> {
  const { object } = fc.letrec<{ object: JSONObject; value: unknown }>(
    (tie) => ({
      object: fc.dictionary(fc.constantFrom(...names), tie("value"), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
      value: fc.oneof(
        { depthSize: "small" },
        fc.integer({ max: 3, min: 0 }),
        fc.constantFrom(null, true, "text", 1.5, 2 ** 53),
        fc.array(fc.oneof(fc.integer({ max: 3, min: 0 }), tie("object")), {
          maxLength: 3,
        }),
        tie("object"),
        tie("object"),
      ),
    }),
  );

  return object;
}

/** Objects in objects, 100,000 levels of them, and a value in the innermost. */
export function aDeepDocument(value: unknown): JSONObject {
  let deep: JSONObject = { a: value };
  for (let depth = 1; depth < 100_000; depth++) {
    deep = { a: deep };
  }

  return deep;
}

/** Arrays in arrays, 100,000 levels of them. */
export function aDeepArray(value: unknown): unknown[] {
  let deep = [value];
  for (let depth = 1; depth < 100_000; depth++) {
    deep = [deep];
  }

  return deep;
}

/** A copy that cannot be written to, at any depth. */
export function frozen<TValue>(value: TValue): TValue {
  return JSON.parse(JSON.stringify(value), (_, each: unknown) =>
    Object.freeze(each),
  ) as TValue;
}
