import manifest from "../../manifest.json";
import { PAGE_PATH } from "../pagePath";
import { element } from "./elements";

const PREFIX = "plugin.document-update.";
const NATIVE_ERRORS = "https://docs.kuzzle.io/core/2/api/errors/error-codes/";

/** Where an error is explained: on the page of the plugin's errors, or in Kuzzle's own documentation. */
export function errorLink(id: string): string {
  return id.startsWith(PREFIX)
    ? `${PAGE_PATH}/errors#${encodeURIComponent(id)}`
    : NATIVE_ERRORS;
}

/** Names an error where it is mentioned. An id leads to its meaning; other texts, such as of the browser, do not. */
export function errorReference(id: string): HTMLElement {
  const name = element("code", {}, id);

  return /^[\w-]+(\.[\w-]+)+$/.test(id)
    ? element(
        "a",
        { href: errorLink(id), rel: "noopener", target: "_blank" },
        name,
      )
    : name;
}

/** What the plugin's catalogue says of an error of its own. */
export function errorMeaning(id: string): string | undefined {
  const { errors } = manifest as {
    errors: Record<string, { description: string }>;
  };
  const name = id.startsWith(PREFIX) ? id.slice(PREFIX.length) : "";

  return Object.hasOwn(errors, name) ? errors[name]?.description : undefined;
}
