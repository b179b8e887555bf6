import { element } from "../elements";
import { type JsonLine, jsonLines } from "./jsonLines";

const tags = { changed: "mark", removed: "del", same: "span" } as const;

/**
 * Shows a value as JSON in place of what an element has shown. Lines that have changed are marked, those
 * that are gone are struck through. @see jsonLines
 */
export function showJson(
  target: HTMLElement,
  ...compared: Parameters<typeof jsonLines>
): void {
  target.replaceChildren(...jsonLines(...compared).map(lineOf));
}

function lineOf(line: JsonLine): HTMLElement {
  const { depth, end, key, state, text, type } = line;
  const name =
    key === undefined
      ? []
      : [element("span", { class: "key" }, JSON.stringify(key)), ": "];
  const value = type ? element("span", { class: type }, text) : text;

  return element(
    tags[state],
    { class: "line" },
    element("span", { class: "indent" }, "  ".repeat(depth)),
    ...name,
    value,
    `${end}\n`,
  );
}
