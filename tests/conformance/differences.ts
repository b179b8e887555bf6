/** A place where two observations of one case differ. */
export interface Difference {
  /** Slashed path; in a list, the name of the event that stands there, else `*`. */
  readonly path: string;
  readonly native: unknown;
  readonly plugin: unknown;
}

/** Lists where the plugin's observation differs from the native one. */
export function differencesOf(native: object, plugin: object): Difference[] {
  return compare(native, plugin, "");
}

function compare(native: unknown, plugin: unknown, path: string): Difference[] {
  if (Object.is(native, plugin)) {
    return [];
  }
  if (Array.isArray(native) && Array.isArray(plugin)) {
    return compareLists(native, plugin, path);
  }
  if (isObject(native) && isObject(plugin)) {
    const keys = new Set([...Object.keys(native), ...Object.keys(plugin)]);
    return [...keys].flatMap((key) =>
      compare(native[key], plugin[key], join(path, key)),
    );
  }
  return [{ native, path, plugin }];
}

/**
 * Compares lists in order. Where one has an element that the other has not, told by their labels,
 * that element is a difference, and the rest is compared all the same.
 */
function compareLists(
  native: readonly unknown[],
  plugin: readonly unknown[],
  path: string,
): Difference[] {
  const [one, other] = [native[0], plugin[0]];
  if (native.length === 0 && plugin.length === 0) {
    return [];
  }

  const labels = (list: readonly unknown[]) => list.map(labelOf);
  if (native.length > 0 && !labels(plugin).includes(labelOf(one))) {
    return [
      { native: labelOf(one), path: join(path, "missing"), plugin: undefined },
      ...compareLists(native.slice(1), plugin, path),
    ];
  }
  if (plugin.length > 0 && !labels(native).includes(labelOf(other))) {
    return [
      { native: undefined, path: join(path, "added"), plugin: labelOf(other) },
      ...compareLists(native, plugin.slice(1), path),
    ];
  }

  return [
    ...compare(one, other, join(path, labelOf(one))),
    ...compareLists(native.slice(1), plugin.slice(1), path),
  ];
}

function labelOf(element: unknown): string {
  return isObject(element) && typeof element["event"] === "string"
    ? element["event"]
    : "*";
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}/${key}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
