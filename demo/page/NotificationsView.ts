import type { DocumentNotification } from "kuzzle-sdk";

import { byId, element } from "./elements";

const KEPT = 50;

/** The notifications of a subscriber, the newest first. */
export class NotificationsView {
  readonly #list = byId("notifications");
  /** Requests of this page whose answer has not come yet. */
  readonly #own = new Set<string>();
  /** Those of them whose notification has come. */
  readonly #heard = new Set<string>();

  constructor() {
    byId("clear-notifications").addEventListener("click", () =>
      this.#list.replaceChildren(),
    );
  }

  /** Says that a request is this page's. */
  expect(requestId: string): void {
    this.#own.add(requestId);
  }

  /** Shows a notification. */
  add(notification: DocumentNotification): void {
    const { action, collection, requestId, result } =
      notification as DocumentNotification & { readonly requestId: string };
    const isOwn = this.#own.has(requestId);
    if (isOwn) {
      this.#heard.add(requestId);
    }
    const { _id, _updatedFields } = result as {
      _id: string;
      _updatedFields?: readonly string[];
    };
    this.#prepend(
      element(
        "li",
        isOwn ? { class: "own" } : {},
        time(),
        element(
          "p",
          {},
          element("b", {}, action),
          ` ${collection}/`,
          element("b", {}, _id),
          isOwn ? " (sent here)" : "",
        ),
        element(
          "p",
          { class: "fields" },
          element("span", { class: "note" }, "_updatedFields "),
          ...(_updatedFields ?? []).map((field) =>
            element("code", { class: "chip" }, field),
          ),
        ),
      ),
    );
  }

  /**
   * Says so where a request of this page has notified nobody.
   *
   * @param why it did not
   */
  end(requestId: string, why: string): void {
    if (!this.#heard.has(requestId)) {
      this.#prepend(
        element(
          "li",
          { class: "silence" },
          time(),
          element("p", {}, `No notification: ${why}`),
        ),
      );
    }
    this.#heard.delete(requestId);
    this.#own.delete(requestId);
  }

  #prepend(entry: HTMLElement): void {
    this.#list.prepend(entry);
    while (this.#list.children.length > KEPT) {
      this.#list.lastElementChild?.remove();
    }
  }
}

function time(): HTMLElement {
  const now = new Date();

  return element(
    "time",
    { datetime: now.toISOString() },
    now.toLocaleTimeString("en-GB"),
  );
}
