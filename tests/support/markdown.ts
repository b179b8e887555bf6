/** A fenced block of a Markdown text. */
export interface Block {
  readonly language: string;
  readonly code: string;
}

/** The fenced blocks of a Markdown text, in order. */
export function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", code = ""]) => ({ code, language }),
  );
}

/** A table in Markdown. */
export function toTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [columns, columns.map(() => "---"), ...rows]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
}

/** The rows of the table whose header has these columns, without the header. */
export function tableOf(
  text: string,
  ...columns: readonly string[]
): string[][] {
  const header = `| ${columns.join(" | ")} |`;
  const lines = text.split("\n");
  const start = lines.findIndex(
    (line) => cellsOf(line).join() === columns.join(),
  );
  if (start === -1) {
    throw new Error(`no table ${header}`);
  }
  const end = lines.findIndex(
    (line, position) => position > start && !line.startsWith("|"),
  );

  return lines.slice(start + 2, end === -1 ? undefined : end).map(cellsOf);
}

function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}
