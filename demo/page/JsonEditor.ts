import { element } from "./elements";
import { type JsonError, parseJson } from "./json/parseJson";

/** An editor of JSON that shows where an error is. An empty one has no value. */
export class JsonEditor {
  readonly #area: HTMLTextAreaElement;
  readonly #backdrop = element("pre", { "aria-hidden": "true" });
  readonly #message: HTMLElement;
  readonly #numbers = element("pre", {
    "aria-hidden": "true",
    class: "line-numbers",
  });
  #error: JsonError | undefined;
  #value: unknown;

  /**
   * @param host takes the editor
   * @param onChange called after each change of the text
   */
  constructor(
    host: HTMLElement,
    { hint = "", label }: { hint?: string; label: string },
    text: string,
    onChange: () => void,
  ) {
    const id = `${host.id}-text`;
    this.#area = element("textarea", {
      "aria-describedby": `${id}-message`,
      autocapitalize: "off",
      autocomplete: "off",
      id,
      rows: "1",
      spellcheck: "false",
      wrap: "off",
    });
    this.#message = element("p", {
      "aria-live": "polite",
      class: "editor-message",
      id: `${id}-message`,
    });
    this.#area.value = text;
    this.#area.addEventListener("input", () => {
      this.#read();
      onChange();
    });
    host.classList.add("editor-field");
    host.append(
      element(
        "label",
        { for: id },
        label,
        hint === "" ? undefined : element("span", { class: "note" }, hint),
      ),
      element(
        "div",
        { class: "editor" },
        this.#numbers,
        element("div", { class: "stack" }, this.#backdrop, this.#area),
      ),
      this.#message,
    );
    this.#read();
  }

  /** Where the text is not valid JSON. */
  get error(): JsonError | undefined {
    return this.#error;
  }

  /** What the text says, or nothing where it is empty or has an error. */
  get value(): unknown {
    return this.#value;
  }

  /** Takes the reader to the error. */
  goToError(): void {
    if (this.#error) {
      const { length, offset } = this.#error;
      this.#area.focus();
      this.#area.setSelectionRange(offset, offset + length);
    }
  }

  #read(): void {
    const text = this.#area.value;
    const { error, value } =
      text.trim() === "" ? { value: undefined } : parseJson(text);
    this.#error = error;
    this.#value = value;
    this.#show(text);
  }

  #show(text: string): void {
    const lines = text.split("\n");
    const { column, length, line, message, offset } = this.#error ?? {};
    this.#numbers.replaceChildren(
      ...lines.map((_, position) =>
        element(
          "span",
          { class: position + 1 === line ? "line wrong" : "line" },
          `${position + 1}\n`,
        ),
      ),
    );
    if (offset === undefined || length === undefined) {
      // The last line of a pre that is empty has no height.
      this.#backdrop.replaceChildren(`${text} `);
      this.#message.replaceChildren();
      this.#area.removeAttribute("aria-invalid");
      return;
    }

    const end = offset + Math.max(length, 1);
    const place = element(
      "button",
      { class: "link", type: "button" },
      `Line ${line}, column ${column}`,
    );
    place.addEventListener("click", () => this.goToError());
    this.#backdrop.replaceChildren(
      text.slice(0, offset),
      element("span", { class: "wrong" }, text.slice(offset, end) || " "),
      `${text.slice(end)} `,
    );
    this.#message.replaceChildren(place, `: ${message}`);
    this.#area.setAttribute("aria-invalid", "true");
  }
}
