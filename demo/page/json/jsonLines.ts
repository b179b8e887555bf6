import { isObject } from "./isObject";

/** A line of JSON. */
export interface JsonLine {
  readonly depth: number;
  /** What follows it: a comma, or nothing. */
  readonly end: string;
  readonly key: string | undefined;
  /** What has become of it: it is new or has another value, or it is not there any more. */
  readonly state: "changed" | "removed" | "same";
  /** A value, or the bracket where an object or an array begins or ends. */
  readonly text: string;
  /** Of a value: its type. */
  readonly type?: string;
}

/**
 * Writes a value as lines of JSON, and tells how each compares with what was there before. Objects are
 * compared field by field, anything else as a whole. Fields that are gone come first.
 *
 * @param isWhole whether a field that is not in the value is gone: in a part of a document it is not
 */
export function jsonLines(
  value: unknown,
  before: unknown = value,
  isWhole = true,
): readonly JsonLine[] {
  const lines: JsonLine[] = [];
  write(value, before, { depth: 0, end: "", key: undefined, state: "same" });

  return lines;

  function write(
    part: unknown,
    old: unknown,
    line: Omit<JsonLine, "text" | "type">,
  ): void {
    const areObjects = isObject(part) && isObject(old);
    const isChanged =
      !areObjects && JSON.stringify(part) !== JSON.stringify(old);
    const state = line.state === "same" && isChanged ? "changed" : line.state;

    if (typeof part !== "object" || part === null) {
      const type = part === null ? "null" : typeof part;
      lines.push({ ...line, state, text: JSON.stringify(part), type });
      return;
    }
    const isArray = Array.isArray(part);
    const [open, close] = isArray ? ["[", "]"] : ["{", "}"];
    const children = Object.entries(part);
    const removed =
      areObjects && isWhole
        ? Object.entries(old).filter(([key]) => !Object.hasOwn(part, key))
        : [];
    if (children.length + removed.length === 0) {
      lines.push({ ...line, state, text: open + close });
      return;
    }
    const depth = line.depth + 1;
    lines.push({ ...line, end: "", state, text: open });
    for (const [key, gone] of removed) {
      write(gone, gone, { depth, end: "", key, state: "removed" });
    }
    for (const [position, [name, child]] of children.entries()) {
      // Unless both are objects, the line of the whole has told.
      const was = areObjects ? ownOf(old, name) : child;
      const end = position < children.length - 1 ? "," : "";
      write(child, was, { depth, end, key: isArray ? undefined : name, state });
    }
    lines.push({ ...line, key: undefined, state, text: close });
  }
}

/** A field of the object's own: documents may have one that is named as one of every object. */
function ownOf(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
