import manifest from "../../manifest.json";
import { errorAnchor, nativeErrors, VERSION_CONFLICT } from "../nativeErrors";
import { PAGE_PATH } from "../pagePath";
import { element } from "./elements";

const KUZZLE_ERRORS = "https://docs.kuzzle.io/core/2/api/errors/error-codes/";

/** What each error means that the page of the errors has, by what it is called. */
export const meanings: ReadonlyMap<string, string> = new Map([
  ...Object.entries(manifest.errors).map(
    ([name, { description }]) =>
      [`plugin.document-update.${name}`, description] as const,
  ),
  ...Object.entries(nativeErrors).map(
    ([name, { meaning }]) => [name, meaning] as const,
  ),
]);

/**
 * Names an error where it is mentioned, with a link to what to do about it: on the page of the errors, or
 * in Kuzzle's documentation. What has no id, such as an error of the browser, has no link.
 */
export function errorReference(name: string, text = name): HTMLElement {
  const shown = text === VERSION_CONFLICT ? text : element("code", {}, text);
  const href = meanings.has(name)
    ? `${PAGE_PATH}/errors#${errorAnchor(name)}`
    : KUZZLE_ERRORS;

  return meanings.has(name) || /^[\w-]+(\.[\w-]+)+$/.test(name)
    ? element("a", { href, rel: "noopener", target: "_blank" }, shown)
    : element("span", {}, shown);
}
