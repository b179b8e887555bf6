import type { Observation } from "./observe";

/** A place where two observations of one case differ. */
export interface Difference {
  /** Slashed path; in a list, the name of the event that stands there, else `*`. */
  readonly path: string;
  readonly native: unknown;
  readonly plugin: unknown;
}

/** Lists where the plugin's observation differs from the native one. */
export function differencesOf(
  native: Observation,
  plugin: Observation,
): Difference[] {
  return compare(native, plugin, "");
}

function compare(native: unknown, plugin: unknown, path: string): Difference[] {
  if (Object.is(native, plugin)) {
    return [];
  }
  if (Array.isArray(native) && Array.isArray(plugin)) {
    if (native.length !== plugin.length) {
      return [
        {
          native: native.map(labelOf),
          path: `${path}/length`,
          plugin: plugin.map(labelOf),
        },
      ];
    }
    return native.flatMap((each, position) =>
      compare(each, plugin[position], join(path, labelOf(each))),
    );
  }
  if (isObject(native) && isObject(plugin)) {
    const keys = new Set([...Object.keys(native), ...Object.keys(plugin)]);
    return [...keys].flatMap((key) =>
      compare(native[key], plugin[key], join(path, key)),
    );
  }
  return [{ native, path, plugin }];
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
