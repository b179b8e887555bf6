import { isPlainObject } from "../isPlainObject";

/** The mapping of a collection or a field, as Elasticsearch returns it. */
export interface Mapping {
  readonly dynamic?: unknown;
  readonly enabled?: unknown;
  readonly fields?: Readonly<Record<string, Mapping>>;
  readonly properties?: Readonly<Record<string, Mapping>>;
  readonly type?: string;
}

/** Mapping parameters that never make storage refuse a value. */
const HARMLESS: ReadonlySet<string> = new Set(
  "boost doc_values eager_global_ordinals fields ignore_above index norms null_value similarity store type".split(
    " ",
  ),
);

/** Longest text that certainly fits into one term of the index (32,766 bytes of UTF-8), in UTF-16 code units. */
const MAX_TEXT = 10_922;
/** End of the year 9999, in ms since the epoch. */
const LAST_DATE = 253_402_300_799_999;

const isText = (value: unknown) =>
  typeof value === "boolean" ||
  Number.isFinite(value) ||
  (typeof value === "string" && value.length <= MAX_TEXT);
const isInteger = (bits: number) => (value: unknown) =>
  Number.isSafeInteger(value) &&
  Number(value) >= -(2 ** (bits - 1)) &&
  Number(value) < 2 ** (bits - 1);

/** For each field type, tells whether a value is certainly accepted. Other values may be accepted, too. */
const TAKES: Readonly<Record<string, (value: unknown) => boolean>> = {
  boolean: (value) => typeof value === "boolean",
  byte: isInteger(8),
  date: (value) =>
    Number.isSafeInteger(value) &&
    Number(value) >= 0 &&
    Number(value) <= LAST_DATE,
  double: Number.isFinite,
  float: (value) => Math.abs(Number(value)) < 3e38 && Number.isFinite(value),
  integer: isInteger(32),
  keyword: isText,
  long: isInteger(64),
  short: isInteger(16),
  text: isText,
};

/**
 * Tells whether storage certainly accepts a value for a field, whatever the rest of the document is.
 * False if that is not certain.
 *
 * @param path names of the parent objects, and of the field
 * @see https://www.elastic.co/guide/en/elasticsearch/reference/7.17/mapping-types.html
 */
export function isStorable(
  mapping: Mapping,
  path: readonly string[],
  value: unknown,
): boolean {
  let field: Mapping | undefined = mapping;
  let { dynamic } = mapping;
  for (const name of path) {
    // Storage treats a dot as a separator of names, and refuses blank names.
    if (name.includes(".") || name.trim() === "") {
      return false;
    }
    field = field?.properties?.[name];
    dynamic = field?.dynamic ?? dynamic;
  }

  return isStorableIn(field, String(dynamic), value);
}

function isStorableIn(
  field: Mapping | undefined,
  dynamic: string,
  value: unknown,
): boolean {
  if (value === null) {
    return field !== undefined || dynamic !== "strict";
  }
  if (Array.isArray(value)) {
    return value.every(
      (each) => typeof each !== "object" && isStorableIn(field, dynamic, each),
    );
  }
  if (isPlainObject(value)) {
    return (
      (field === undefined ? dynamic === "false" : isObject(field)) &&
      Object.entries(value).every(([name, each]) =>
        isStorable({ ...field, dynamic }, [name], each),
      )
    );
  }

  return field === undefined ? dynamic === "false" : takes(field, value);
}

/** Tells whether a field is an ordinary object, not a leaf, `nested` or otherwise special. */
function isObject(field: Mapping): boolean {
  return (
    (field.type === undefined || field.type === "object") &&
    field.enabled === undefined
  );
}

function takes(field: Mapping, value: unknown): boolean {
  return (
    Object.keys(field).every((parameter) => HARMLESS.has(parameter)) &&
    TAKES[String(field.type)]?.(value) === true &&
    Object.values(field.fields ?? {}).every((each) => takes(each, value))
  );
}
