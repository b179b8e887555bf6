import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";

import { errorsPage, explanations } from "../../../demo/errorsPage";
import { errorName } from "../../../demo/nativeErrors";
import manifest from "../../../manifest.json";

describe("the page of the errors", () => {
  it("says of each error of the manifest what it means and what to do, as docs/errors.md does", () => {
    const errors = explanations(readFileSync("docs/errors.md", "utf8"));
    const page = errorsPage(errors);

    for (const [name, { description }] of Object.entries(manifest.errors)) {
      const id = `plugin.document-update.${name}`;
      assert.equal(errors[id]?.meaning, description);
      assert.ok(errors[id].whatToDo, name);
      assert.ok(page.includes(` id="${id}"`), name);
    }
  });

  it("names the file that a link of docs/errors.md leads to, in whichever column it says what to do", () => {
    const { whatToDo } = explanations(`
| error              | what to do                            | more |
| ------------------ | ------------------------------------- | ---- |
| \`invalid_argument\` | See [all \`keys\`](tuning.md#keys) \\| ask. | none |
`)["plugin.document-update.invalid_argument"]!;

    assert.equal(whatToDo, "See all `keys` (docs/tuning.md) | ask.");
  });

  it("shows texts as text, with code where docs/errors.md has it", () => {
    const page = errorsPage({
      "a <b>": { meaning: "Of `a<b` & others.", whatToDo: 'Say "<i>".' },
    });

    assert.match(page, /id="a-&lt;b&gt;"/);
    assert.match(page, /Of <code>a&lt;b<\/code> &amp; others\./);
    assert.match(page, /Say &quot;&lt;i&gt;&quot;\./);
  });
});

it("the page calls a version conflict one, and other errors by their id or message", () => {
  const id = "services.storage.unexpected_error";

  assert.equal(
    errorName({ id, message: "[liia]: version conflict, required seqNo [1]" }),
    "a version conflict",
  );
  assert.equal(errorName({ id, message: "all shards failed" }), id);
  assert.equal(errorName({ message: "No answer.\nHint: none" }), "No answer.");
});
