import type { JSONObject } from "kuzzle";

import { isPlainObject } from "../isPlainObject";

/** The part of the class `Koncorde` that is used here, of the package `koncorde`, which comes with Kuzzle. */
export interface KoncordeClass {
  new (): Koncorde;
  convertGeopoint(point: string | JSONObject): Point | null;
}

interface Koncorde {
  normalize(filter: JSONObject): NormalizedFilter;
  store(filter: NormalizedFilter): unknown;
  test(document: JSONObject): readonly string[];
  validate(filter: JSONObject): void;
}

interface NormalizedFilter {
  /**
   * A disjunction of conjunctions: a document matches if all conditions of one inner list are true. Each
   * condition has its keyword, and `not` beside it.
   */
  readonly filter: readonly (readonly JSONObject[])[];
}

interface Point {
  readonly lat: number;
  readonly lon: number;
}

/** Tests a document, given a function that reads its fields by path. */
export type Test = (read: (path: string) => unknown) => boolean;

/** Longest text that a regular expression is applied to: a hostile expression takes 50 ns for each character. */
const MAX_TEXT = 1_000;

/** Largest coordinates and distances of a shape. Beyond these, Koncorde's spatial index crashes the process. */
const LARGEST: Readonly<Record<string, number>> = {
  ...{ bottom: 90, lat: 90, top: 90 },
  ...{ left: 180, lon: 180, right: 180 },
  ...{ distance: 1e8, from: 1e8, to: 1e8 },
};

const BOUNDS: Readonly<Record<string, (one: number, two: number) => boolean>> =
  {
    gt: (one, two) => one > two,
    gte: (one, two) => one >= two,
    lt: (one, two) => one < two,
    lte: (one, two) => one <= two,
  };

/**
 * Compiles one clause of a filter into a test. Koncorde parses the clause; it also evaluates regular
 * expressions and shapes, and everything else is evaluated here.
 */
export function compileClause(
  clause: JSONObject,
  Koncorde: KoncordeClass,
): Test {
  const normalized = new Koncorde().normalize(clause);
  const apply = (document: JSONObject) => {
    // Not cached: a compiled regular expression may take megabytes.
    const koncorde = new Koncorde();
    koncorde.store(normalized);
    return koncorde.test(document).length > 0;
  };
  const lists = normalized.filter.map((conditions) =>
    conditions.map(({ not, ...condition }): Test => {
      const test = conditionTest(condition, clause, apply, Koncorde);
      return (read) => test(read) !== Boolean(not);
    }),
  );

  return (read) => lists.some((list) => list.every((test) => test(read)));
}

function conditionTest(
  condition: JSONObject,
  clause: JSONObject,
  apply: (document: JSONObject) => boolean,
  Koncorde: KoncordeClass,
): Test {
  const [[keyword = "", argument] = []] = Object.entries(condition);
  const [[name = "", value] = []] = Object.entries(argument as JSONObject);
  switch (keyword) {
    case "equals":
      return (read) => read(name) === value;
    case "exists":
      return (read) => {
        const found = read(argument.path);
        return argument.array
          ? Array.isArray(found) && found.includes(argument.value)
          : found !== undefined;
      };
    case "match":
      return (read) =>
        Object.entries(argument as JSONObject).every(([path, pattern]) =>
          contains(read(path), pattern),
        );
    case "range":
      // Koncorde itself shifts an exclusive bound by 1e-10, which is lost in rounding for numbers beyond
      // a million.
      return (read) => {
        const found = read(name);
        return (
          typeof found === "number" &&
          Object.entries(value as JSONObject).every(([bound, limit]) =>
            BOUNDS[bound]!(found, limit),
          )
        );
      };
    case "regexp":
      return (read) => {
        const text = read(name);
        if (typeof text === "string" && text.length > MAX_TEXT) {
          throw new Error(`"regexp" takes texts of ${MAX_TEXT} characters`);
        }
        return typeof text === "string" && apply({ [name]: text });
      };
    case "geospatial": {
      const [[field = "", shape] = []] = Object.entries(value as JSONObject);
      if (!isOnEarth(shape)) {
        throw new Error(`"${name}" is of no place on Earth`);
      }
      // Koncorde refuses some shapes only when they are evaluated.
      apply({});
      return (read) => {
        const found = read(field) as JSONObject | null | undefined;
        const point = found ? Koncorde.convertGeopoint(found) : null;
        return point !== null && apply({ [field]: [point.lat, point.lon] });
      };
    }
    default:
      // If a field is called like a property of `Object.prototype`, Koncorde takes it for a field that
      // it already knows.
      if (!Object.hasOwn(clause, "nothing")) {
        throw new Error("a field of it cannot be tested, because of its name");
      }
      return () => false;
  }
}

/** @param shape named measures, or the points of a polygon */
function isOnEarth(shape: JSONObject | [number, number][]): boolean {
  const points = Array.isArray(shape)
    ? shape.map(([lat, lon]) => ({ lat, lon }))
    : [shape];

  return points.every((point) =>
    Object.entries(point).every(
      ([name, measure]) => Math.abs(measure) <= LARGEST[name]!,
    ),
  );
}

/** Compares as the keyword `match` does: an object contains all keys of the pattern, an array all its elements. */
function contains(found: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) {
    const left: unknown[] = Array.isArray(found) ? [...found] : [];
    return (
      Array.isArray(found) &&
      pattern.every((each) => {
        const at = left.findIndex((value) => contains(value, each));
        return at !== -1 && left.splice(at, 1);
      })
    );
  }
  if (isPlainObject(pattern)) {
    return (
      isPlainObject(found) &&
      Object.entries(pattern).every(
        ([key, each]) =>
          Object.hasOwn(found, key) && contains(found[key], each),
      )
    );
  }

  return found === pattern;
}
