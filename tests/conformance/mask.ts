/** Replaces the placeholders in every string of a value. */
export function fillIn(
  value: unknown,
  names: Readonly<Record<string, string>>,
): unknown {
  if (typeof value === "string") {
    return value.replace(
      /\b(ID|OTHER)\b/g,
      (placeholder) => names[placeholder] ?? placeholder,
    );
  }
  if (Array.isArray(value)) {
    return value.map((each) => fillIn(each, names));
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        fillIn(key, names),
        fillIn(each, names),
      ]),
    );
  }
  return value;
}

/** Paths of all properties, in their order. */
export function orderOf(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, each]) => [
    `${path}.${key}`,
    ...orderOf(each, `${path}.${key}`),
  ]);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/;

/** Moments of this run; those that a client sent are of other years. */
const isNow = (value: number) => Math.abs(value - Date.now()) < 3_600_000;

/** Properties that say something else in another call, of another node or on another connection. */
const ALWAYS_DIFFERENT = new Set([
  "stack",
  "node",
  "x-kuzzle-node",
  "sec-websocket-key",
  "index_uuid",
]);

/** Names alike what is different each time: identifiers, moments, stacks. */
export function mask<T>(
  value: T,
  names: readonly (readonly [string, string])[],
  key = "",
): T {
  if (typeof value === "string") {
    return maskString(value, names, key) as T;
  }
  if (typeof value === "number" && isNow(value)) {
    return "MOMENT" as T;
  }
  if (Array.isArray(value)) {
    return value.map((each) => mask(each, names)) as T;
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        maskString(name, names, ""),
        mask(each, names, name),
      ]),
    ) as T;
  }
  return value;
}

function maskString(
  value: string,
  names: readonly (readonly [string, string])[],
  key: string,
): string {
  if (HTTP_DATE.test(value)) {
    return "MOMENT";
  }
  if (ALWAYS_DIFFERENT.has(key.toLowerCase())) {
    return key.toUpperCase();
  }
  if (UUID.test(value)) {
    return "UUID";
  }
  return names.reduce(
    (text, [name, masked]) => text.replaceAll(name, masked),
    // Storage tells of documents in its errors.
    value.replace(/\b\d{13}\b/g, (digits) =>
      isNow(Number(digits)) ? "MOMENT" : digits,
    ),
  );
}
