import { errorName } from "../nativeErrors";
import { byId, element } from "./elements";
import { errorReference, meanings } from "./errorLink";
import { isObject } from "./json/isObject";
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
 * Shows what came of a request: in short beside the button, and as a whole. What it changed is marked.
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
  byId("outcome").replaceChildren(
    element(
      "span",
      { class: isError ? "badge failed" : "badge stored" },
      status === undefined ? "no answer" : String(status),
    ),
    ` in ${outcome.took.toFixed(0)} ms`,
  );
  byId("answer").replaceChildren(
    element("p", { class: "note" }, title),
    ...(isError
      ? errorParts(outcome.error)
      : [resultPart(outcome.result, before, isWhole)]),
  );
}

function resultPart(
  content: unknown,
  before: Record<string, unknown> | undefined,
  isWhole: boolean,
): HTMLElement {
  const shown = element("pre", {
    "aria-label": "The result as JSON",
    class: "json",
    role: "region",
    tabindex: "0",
  });
  showJson(shown, content, withSource(content, before), isWhole);

  return shown;
}

/** An answer as it would be with what the document was before: nothing but its own fields differs. */
function withSource(
  content: unknown,
  before: Record<string, unknown> | undefined,
): unknown {
  if (!before || !isObject(content) || !isObject(content["_source"])) {
    return content;
  }
  const { _kuzzle_info: info } = content["_source"];

  return {
    ...content,
    _source: { ...before, ...(info !== undefined && { _kuzzle_info: info }) },
  };
}

function errorParts(
  error: Extract<Outcome, { error: unknown }>["error"],
): HTMLElement[] {
  const { id, message, props = [] } = error;
  const name = errorName(error);
  const meaning = meanings.get(name);
  const parts = [element("p", { class: "error-message" }, message)];
  if (id !== undefined) {
    parts.unshift(
      element("p", { class: "error-id" }, errorReference(name, id)),
    );
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
