import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { describe } from "node:test";

/**
 * Runs all tests of a folder, each file as a suite with hooks of its own. A process for each file
 * would load Kuzzle again and again, which takes longer than most of these tests.
 */
export function inOneProcess(folder: string): void {
  for (const file of readdirSync(join(__dirname, folder)).sort()) {
    if (/\.[jt]s$/.test(file)) {
      describe(basename(file).replace(/\.\w+$/, ""), () => {
        // eslint-disable-next-line @typescript-eslint/no-require-imports -- while this suite is open
        require(join(__dirname, folder, file));
      });
    }
  }
}
