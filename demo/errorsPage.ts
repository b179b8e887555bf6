import manifest from "../manifest.json";
import { PAGE_PATH } from "./pagePath";

const PREFIX = "plugin.document-update.";

/** What the manifest says of an error. */
interface CatalogueEntry {
  readonly class: string;
  readonly description: string;
  readonly message: string;
}

/** Writes the page of the plugin's errors: each is under its id, which the page of the demo links to. */
export function errorsPage(
  errors: Readonly<Record<string, CatalogueEntry>> = manifest.errors,
): string {
  const entries = Object.entries(errors).map(([name, entry]) => {
    const id = escaped(PREFIX + name);
    return `
      <section class="panel" id="${id}" aria-labelledby="${id}.title">
        <h2 id="${id}.title"><code>${id}</code></h2>
        <p>${withCode(entry.description)}</p>
        <dl>
          <dt>Message</dt>
          <dd>${escaped(entry.message)}</dd>
          <dt>Class</dt>
          <dd>${escaped(entry.class)}</dd>
        </dl>
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
  </head>
  <body>
    <main class="errors">
      <h1>Errors of document-update</h1>
      <p>
        What each error of the plugin means. What to do about it is in
        docs/errors.md. <a href="${PAGE_PATH}">To the demo</a>
      </p>${entries.join("")}
    </main>
  </body>
</html>
`;
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
