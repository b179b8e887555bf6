/** What is read as text in a page of Markdown. */
export interface Prose {
  readonly headings: readonly string[];
  readonly sentences: readonly string[];
}

/**
 * The headings and sentences of a page. Left out are blocks of code, tables, comments and pictures; a
 * piece of code in a sentence, and a link's address, is one word or none.
 */
export function proseOf(text: string): Prose {
  const pieces = text
    .replace(/^ *```[\s\S]*?^ *```$/gm, "\n")
    .replace(/<!--[\s\S]*?-->/g, "\n")
    .replace(/^ *\|.*$/gm, "\n")
    .replace(/!\[[^\]]*\]\([^)]*\)/g, "")
    .replace(/(`+)(?:(?!\1)[\s\S])+\1/g, "code")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    // A heading and an item of a list end what stands before them.
    .split(/\n\s*\n|\n(?=#+ )|\n(?= *(?:[-*]|\d+\.) )|(?<=^#.*)\n/m)
    .map((piece) => piece.replace(/\s+/g, " ").trim());
  const isHeading = (piece: string) => piece.startsWith("#");

  return {
    headings: pieces.filter(isHeading),
    sentences: pieces
      .filter((piece) => !isHeading(piece))
      .flatMap((piece) => piece.split(/(?<=[.!?][*_)"]*) /))
      .filter((sentence) => wordsIn(sentence) > 0),
  };
}

/** How many words a text has: what contains a letter or a digit. */
export function wordsIn(text: string): number {
  return text.split(/\s+/).filter((word) => /[\p{L}\d]/u.test(word)).length;
}

/** How many words the headings and sentences of a page have. */
export function wordsOf(text: string): number {
  const { headings, sentences } = proseOf(text);

  return wordsIn([...headings, ...sentences].join(" "));
}
