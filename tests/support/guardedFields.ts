import fc from "fast-check";
import type { JSONObject } from "kuzzle";

export function isObject(value: unknown): value is JSONObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The values that the index has, by path: those in lists, of each field in one set. */
export function indexed(
  value: unknown,
  path = "",
  found = new Map<string, Set<unknown>>(),
) {
  if (Array.isArray(value)) {
    value.forEach((each) => indexed(each, path, found));
  } else if (isObject(value)) {
    for (const [key, each] of Object.entries(value)) {
      indexed(each, path === "" ? key : `${path}.${key}`, found);
    }
  } else if (value !== null) {
    found.set(path, (found.get(path) ?? new Set()).add(value));
  }

  return found;
}

/** Of what the index has, what is at or beneath a path with `*` in it. */
export function beneath(document: JSONObject, path: string) {
  const names = path.replace(/(?<=.)\.\*$/, "").split(".");

  return new Map(
    [...indexed(document)].filter(([found]) =>
      names.every((name, at) => {
        const other = found.split(".")[at];
        return name === "*" ? other !== undefined : other === name;
      }),
    ),
  );
}

const key = fc.constantFrom("a", "b", "c", "a.b", "b.c", "a.b.c", "__proto__");
/** Documents, and changes, of few names. */
export const documents = fc.letrec<{ value: unknown; object: JSONObject }>(
  (tie) => ({
    object: fc.dictionary(key, tie("value"), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom(1, 2, null),
      fc.array(fc.oneof(fc.constantFrom(1, 2), tie("object")), {
        maxLength: 2,
      }),
      tie("object"),
    ),
  }),
).object;
/** Paths that a guard may have. */
export const guardedPath = fc
  .array(fc.constantFrom("a", "b", "c", "*"), { maxLength: 3, minLength: 1 })
  .map((names) => names.join("."));
