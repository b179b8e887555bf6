import { byId, element } from "./elements";
import { errorMeaning, errorReference } from "./errorLink";
import { changedPaths, pathKey } from "./json/changedPaths";
import { isObject } from "./json/isObject";
import { removedPaths } from "./json/removedPaths";
import { showJson } from "./json/showJson";

/** What came of a request. */
export type Outcome = {
  /** How long it took, in ms. */
  readonly took: number;
} & (
  | {
      readonly error: {
        readonly id?: string;
        readonly message: string;
        readonly props?: readonly unknown[];
        readonly status?: number;
      };
    }
  | { readonly result: unknown; readonly status: number }
);

/**
 * Shows what came of a request. What it changed is marked.
 *
 * @param title which action it was
 * @param before the document before it, where it is known
 * @param isWhole whether the answer has the whole document
 */
export function showAnswer(
  outcome: Outcome,
  title: string,
  before: Record<string, unknown> | undefined,
  isWhole: boolean,
): void {
  const isError = "error" in outcome;
  const status = isError ? outcome.error.status : outcome.status;
  const head = element(
    "p",
    { class: "answer-head" },
    element(
      "span",
      { class: isError ? "badge failed" : "badge stored" },
      status === undefined ? "no answer" : String(status),
    ),
    element("span", { class: "what" }, title),
    element("span", { class: "took" }, `${outcome.took.toFixed(0)} ms`),
  );

  byId("answer").replaceChildren(
    head,
    ...(isError
      ? errorParts(outcome.error)
      : resultParts(outcome.result, before, isWhole)),
  );
}

function resultParts(
  content: unknown,
  before: Record<string, unknown> | undefined,
  isWhole: boolean,
): HTMLElement[] {
  const source = sourceOf(content);
  const removed = isWhole ? removedPaths(before, source) : [];
  const shown = element("pre", {
    "aria-label": "The result as JSON",
    class: "json",
    role: "region",
    tabindex: "0",
  });
  const changed = before ? changedPaths(before, source) : [];
  const inAnswer = [...changed].map((key) =>
    pathKey(["_source", ...(JSON.parse(key) as string[])]),
  );
  showJson(shown, content, new Set(inAnswer));

  return removed.length === 0
    ? [shown]
    : [
        shown,
        element("p", { class: "note" }, `Removed: ${removed.join(", ")}`),
      ];
}

/** What an answer has of the document's own fields. */
function sourceOf(content: unknown): Record<string, unknown> {
  if (!isObject(content) || !isObject(content["_source"])) {
    return {};
  }
  const source = { ...content["_source"] };
  delete source["_kuzzle_info"];

  return source;
}

function errorParts({
  id,
  message,
  props = [],
}: {
  readonly id?: string;
  readonly message: string;
  readonly props?: readonly unknown[];
}): HTMLElement[] {
  const meaning = id === undefined ? undefined : errorMeaning(id);
  const parts = [element("p", { class: "error-message" }, message)];
  if (id !== undefined) {
    parts.unshift(element("p", { class: "error-id" }, errorReference(id)));
  }
  if (meaning !== undefined) {
    // What is code in docs/errors.md is code here.
    const texts = meaning
      .split("`")
      .map((text, position) =>
        position % 2 === 1 ? element("code", {}, text) : text,
      );
    parts.push(element("p", { class: "note" }, ...texts));
  }
  if (props.length > 0) {
    parts.push(
      element("p", { class: "note" }, `props: ${JSON.stringify(props)}`),
    );
  }

  return parts;
}
