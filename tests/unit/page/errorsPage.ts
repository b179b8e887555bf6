import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { errorsPage } from "../../../demo/errorsPage";
import manifest from "../../../manifest.json";

describe("the page of the errors", () => {
  it("has each error of the manifest under its id", () => {
    const page = errorsPage();

    for (const name of Object.keys(manifest.errors)) {
      assert.ok(page.includes(` id="plugin.document-update.${name}"`), name);
    }
  });

  it("shows the message and the meaning as text, with code where docs/errors.md has it", () => {
    const page = errorsPage({
      some_error: {
        class: "KuzzleError",
        description: "Of `a<b` & others.",
        message: 'No "<i>%s</i>".',
      },
    });

    assert.match(page, /Of <code>a&lt;b<\/code> &amp; others\./);
    assert.match(page, /No &quot;&lt;i&gt;%s&lt;\/i&gt;&quot;\./);
  });
});
