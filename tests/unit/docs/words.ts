// Pages that people read: what they are told is short, and in short sentences.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { it } from "node:test";

import { proseOf, wordsIn, wordsOf } from "../../support/prose";

const README_WORDS = 550;
const DOCS_WORDS = 12_000;
const SENTENCE_WORDS = 20;

const read = (path: string) => readFileSync(path, "utf8");
/** What maintainers read is not counted. */
const pages = readdirSync("docs", { encoding: "utf8", recursive: true })
  .filter((path) => path.endsWith(".md") && !path.startsWith("maintainers/"))
  .map((path) => `docs/${path}`);

it(`the README has at most ${README_WORDS} words, and a table of at most six rows`, () => {
  const text = read("README.md");
  const rows = text.split("\n").filter((line) => line.startsWith("|"));

  assert.ok(wordsOf(text) <= README_WORDS, `${wordsOf(text)} words`);
  // With its header.
  assert.ok(rows.length <= 2 + 6, `${rows.length} lines`);
});

it(`the docs have at most ${DOCS_WORDS} words`, () => {
  const counts = pages.map((path) => [path, wordsOf(read(path))] as const);
  const total = counts.reduce((sum, [, words]) => sum + words, 0);

  assert.ok(pages.length > 5);
  assert.ok(total <= DOCS_WORDS, `${total} words: ${counts.join("; ")}`);
});

it(`no sentence of README and docs has more than ${SENTENCE_WORDS} words`, () => {
  const long = ["README.md", ...pages].flatMap((path) =>
    proseOf(read(path))
      .sentences.filter((sentence) => wordsIn(sentence) > SENTENCE_WORDS)
      .map((sentence) => `${path}: ${sentence}`),
  );

  assert.deepEqual(long, []);
});

it("counts what is read as text, sentence by sentence", () => {
  const text = `# A heading

One sentence with \`some. code\`. Another, with [a link](to/somewhere.md "far away")!
It goes on in a second line.

- an item. Of two sentences.
- another <!-- says nothing -->

| not | counted |

\`\`\`sh
not counted
\`\`\`
`;

  assert.deepEqual(proseOf(text), {
    headings: ["# A heading"],
    sentences: [
      "One sentence with code.",
      "Another, with a link!",
      "It goes on in a second line.",
      "- an item.",
      "Of two sentences.",
      "- another",
    ],
  });
  assert.equal(wordsOf(text), 23);
});
