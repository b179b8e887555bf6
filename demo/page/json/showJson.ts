import { element } from "../elements";
import { pathKey } from "./changedPaths";

type Path = readonly (number | string)[];

const none: ReadonlySet<string> = new Set();

/**
 * Shows a value as JSON, a line for each of its parts, in place of what an element has shown.
 *
 * @param changed places whose lines are marked, with all that is in them
 */
export function showJson(
  target: HTMLElement,
  value: unknown,
  changed = none,
): void {
  const lines: HTMLElement[] = [];
  write(value, [], [], "", false);
  target.replaceChildren(...lines);

  /**
   * @param label what stands before the value
   * @param end what follows it
   */
  function write(
    part: unknown,
    path: Path,
    label: readonly Node[],
    end: string,
    isMarked: boolean,
  ): void {
    const marked = isMarked || changed.has(pathKey(path));
    const depth = path.length;
    if (typeof part !== "object" || part === null) {
      addLine(depth, marked, ...label, token(part), end);
      return;
    }
    const isArray = Array.isArray(part);
    const [open, close] = isArray ? ["[", "]"] : ["{", "}"];
    const entries = Object.entries(part) as [string, unknown][];
    if (entries.length === 0) {
      addLine(depth, marked, ...label, `${open}${close}${end}`);
      return;
    }
    addLine(depth, marked, ...label, open);
    for (const [position, [key, child]] of entries.entries()) {
      const name = element("span", { class: "key" }, JSON.stringify(key));
      write(
        child,
        [...path, isArray ? position : key],
        isArray ? [] : [name, document.createTextNode(": ")],
        position < entries.length - 1 ? "," : "",
        marked,
      );
    }
    addLine(depth, marked, `${close}${end}`);
  }

  function addLine(
    depth: number,
    marked: boolean,
    ...content: readonly (Node | string)[]
  ): void {
    lines.push(
      element(
        marked ? "mark" : "span",
        { class: "line" },
        "  ".repeat(depth),
        ...content,
        "\n",
      ),
    );
  }
}

function token(value: unknown): HTMLElement {
  const type = value === null ? "null" : typeof value;

  return element("span", { class: type }, JSON.stringify(value) ?? "undefined");
}
