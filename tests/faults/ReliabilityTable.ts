import { readFileSync, writeFileSync } from "node:fs";

import { format } from "prettier";

import { toTable } from "../support/markdown";

interface Row {
  readonly fault: string;
  /** The different outcomes that clients got. */
  readonly client: readonly string[];
  readonly stored: string;
  readonly after: string;
}

const START = "<!-- written by npm run test:faults -->";
const END = "<!-- end -->";

/** The table of docs/maintainers/faults.md, which the suite writes. */
export class ReliabilityTable {
  readonly #rows: Row[] = [];

  add(row: Row): void {
    this.#rows.push(row);
  }

  /** Puts the rows in the place of those that the document has. */
  async write(path: string): Promise<void> {
    const text = readFileSync(path, "utf8");
    const [before, rest = ""] = text.split(START);
    const [, end] = rest.split(END);
    const table = toTable(
      ["fault", "the client gets", "stored", "afterwards"],
      this.#rows.map(({ after, client, fault, stored }) => [
        fault,
        client.join("; "),
        stored,
        after,
      ]),
    );

    writeFileSync(
      path,
      await format([before, START, "\n\n", table, "\n\n", END, end].join(""), {
        parser: "markdown",
      }),
    );
  }
}
