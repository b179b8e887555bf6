import { byId } from "./elements";

const KEY = "document-update-theme";

/**
 * Has the page follow the system's colours, or those that its reader chose.
 *
 * @param onChange called after the colours have changed
 */
export function startTheme(onChange: () => void): void {
  const show = (theme: string) => {
    document.documentElement.dataset["theme"] = theme;
    onChange();
  };
  const stored = localStorage.getItem(KEY);
  const theme = stored === "light" || stored === "dark" ? stored : "auto";

  for (const input of byId("theme").querySelectorAll("input")) {
    input.checked = input.value === theme;
    input.addEventListener("change", () => {
      localStorage.setItem(KEY, input.value);
      show(input.value);
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener(
    "change",
    onChange,
  );
  show(theme);
}
