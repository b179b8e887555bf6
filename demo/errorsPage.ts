import manifest from "../manifest.json";
import { errorAnchor, type Explanation, nativeErrors } from "./nativeErrors";
import { PAGE_PATH } from "./pagePath";

const PREFIX = "plugin.document-update.";

/** Writes the page of the errors, which the page of the demo links to: what each means, and what to do about it. */
export function errorsPage(errors: Readonly<Record<string, Explanation>>) {
  const entries = Object.entries(errors).map(([name, error]) => {
    const anchor = escaped(errorAnchor(name));
    return `
      <section class="panel" id="${anchor}" aria-labelledby="${anchor}.title">
        <h2 id="${anchor}.title">${escaped(name)}</h2>
        <p>${withCode(error.meaning)}</p>
        <p><b>What to do:</b> ${withCode(error.whatToDo)}</p>
      </section>`;
  });

  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Errors of document-update</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="${PAGE_PATH}/page.css" />
    <script src="${PAGE_PATH}/theme.js"></script>
  </head>
  <body>
    <main class="errors">
      <h1>Errors, and what to do about them</h1>
      <p>
        Those of the plugin, and those of Kuzzle that the demo is likely to show.
        <a href="${PAGE_PATH}">To the demo</a>
      </p>${entries.join("")}
    </main>
  </body>
</html>
`;
}

/** Returns what is known of the errors of the plugin and of Kuzzle. @param docs text of docs/errors.md */
export function explanations(docs: string): Record<string, Explanation> {
  const whatToDo = whatToDoIn(docs);
  const own = Object.entries(manifest.errors).map(
    ([name, { description }]) =>
      [
        PREFIX + name,
        { meaning: description, whatToDo: whatToDo.get(name) ?? "" },
      ] as const,
  );

  return { ...Object.fromEntries(own), ...nativeErrors };
}

/** Reads the column "what to do" of the tables of docs/errors.md, by the name in the first one. */
function whatToDoIn(docs: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let column = -1;
  for (const line of docs.split("\n")) {
    const cells = line
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll("\\|", "|"));
    if (cells.includes("what to do")) {
      column = cells.indexOf("what to do");
    }
    const [, name] = /^`(\w+)`$/.exec(cells[1] ?? "") ?? [];
    const text = cells[column];
    if (name !== undefined && text !== undefined) {
      found.set(
        name,
        text.replaceAll(/\[([^\]]+)\]\(([^)#]+)[^)]*\)/g, "$1 (docs/$2)"),
      );
    }
  }

  return found;
}

/** What is code in docs/errors.md is code here. */
function withCode(text: string): string {
  return escaped(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
