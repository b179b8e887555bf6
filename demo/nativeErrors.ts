/** What an error means, and what to do about it. Code is in backticks. */
export interface Explanation {
  readonly meaning: string;
  readonly whatToDo: string;
}

/** What an update that lost against another one is called: Kuzzle has no id of its own for it. */
export const VERSION_CONFLICT = "a version conflict";

/** Kuzzle's errors that a reader of the page may meet, by their id or by what they are called. */
export const nativeErrors: Readonly<Record<string, Explanation>> = {
  [VERSION_CONFLICT]: {
    meaning:
      "A version conflict: another client changed the document at the same time. Nothing of this update is stored. Kuzzle answers 500 `services.storage.unexpected_error`.",
    whatToDo:
      "Send it again, or set `retryOnConflict`, so that Elasticsearch tries again by itself. Or send it through the plugin, which lets updates of a document wait for each other.",
  },
  "services.storage.unexpected_error": {
    meaning:
      "Elasticsearch answered with an error that Kuzzle has no id for. The message says which.",
    whatToDo:
      "If the message is about the request, correct it. Otherwise, look at Elasticsearch's log.",
  },
  "services.storage.unexpected_bad_request": {
    meaning:
      "Elasticsearch refused the request, most often because a value does not fit the mapping of its field. Nothing is stored.",
    whatToDo: "Correct the field that the message names.",
  },
  "services.storage.not_found": {
    meaning: "There is no such document: somebody may have deleted it.",
    whatToDo: "Choose another document, or create it first.",
  },
  "api.assert.body_required": {
    meaning: "The body of the request is missing, or is not an object.",
    whatToDo: "Send an object of JSON.",
  },
  "security.token.expired": {
    meaning: "The user's login has expired.",
    whatToDo: "Reload the page, and choose the user again.",
  },
  "security.token.invalid": {
    meaning: "This Kuzzle does not know the user's login any more.",
    whatToDo: "Reload the page, and choose the user again.",
  },
};

/** What an error is called: by its id, unless it is a version conflict, or has none, as those of the browser. */
export function errorName({
  id,
  message,
}: {
  readonly id?: string;
  readonly message: string;
}): string {
  return id === "services.storage.unexpected_error" &&
    message.includes("version conflict")
    ? VERSION_CONFLICT
    : (id ?? message.split("\n")[0] ?? "");
}

/** Where an error is on the page of the errors. */
export function errorAnchor(name: string): string {
  return name.replaceAll(" ", "-");
}
