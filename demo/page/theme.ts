import { byId } from "./elements";

const KEY = "document-update-theme";

/** Shows a page in the colours that its reader chose, or else in those of the system. */
export function applyTheme(): void {
  document.documentElement.dataset["theme"] =
    localStorage.getItem(KEY) ?? "auto";
}

/**
 * Lets the reader choose the colours.
 *
 * @param onChange called after they have changed
 */
export function offerThemes(onChange: () => void): void {
  for (const input of byId("theme").querySelectorAll("input")) {
    input.checked = input.value === document.documentElement.dataset["theme"];
    input.addEventListener("change", () => {
      localStorage.setItem(KEY, input.value);
      applyTheme();
      onChange();
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener(
    "change",
    onChange,
  );
}
