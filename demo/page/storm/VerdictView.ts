import { byId, element } from "../elements";
import { errorReference } from "../errorLink";
import type { Sentence } from "./verdict";

const host = () => byId("verdict");

/** Shows a sentence for each way. */
export function showVerdict(sentences: readonly Sentence[]): void {
  host().replaceChildren(
    element(
      "ul",
      {},
      ...sentences.map((parts) =>
        element(
          "li",
          {},
          ...parts.map((part) => {
            if (typeof part === "string") {
              return part;
            }
            return "error" in part
              ? errorReference(part.error)
              : element("strong", {}, part.strong);
          }),
        ),
      ),
    ),
  );
}

/** Shows a text while there is no verdict. */
export function showVerdictText(text: string): void {
  host().replaceChildren(element("p", {}, text));
}
