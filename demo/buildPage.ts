import { readFile } from "node:fs/promises";

import { build } from "esbuild";

import { errorsPage, explanations } from "./errorsPage";

/** A file that a browser loads. */
export interface PageFile {
  readonly content: string;
  /** Its media type. */
  readonly type: string;
}

/** The files of the page, by the last part of their path: the page itself has none. */
export type PageFiles = Readonly<Record<string, PageFile>>;

const FOLDER = `${__dirname}/page`;

/** Bundles the page in memory. All that it needs is in it: a browser loads nothing from elsewhere. */
export async function buildPage(): Promise<PageFiles> {
  const { outputFiles } = await build({
    bundle: true,
    entryPoints: {
      page: `${FOLDER}/main.ts`,
      // A page waits for it before it is shown, so that its colours do not change then.
      theme: `${FOLDER}/applyTheme.ts`,
    },
    // The SDK asks for it where there is no WebSocket; every browser has one.
    external: ["ws"],
    format: "iife",
    legalComments: "none",
    // In the style sheet: the page has no more files than these.
    loader: { ".woff2": "dataurl" },
    minify: true,
    outdir: FOLDER,
    platform: "browser",
    target: ["chrome123", "firefox120", "safari17.5"],
    tsconfig: `${FOLDER}/tsconfig.json`,
    write: false,
  });
  const bundled = (name: string) =>
    outputFiles.find(({ path }) => path.endsWith(name))?.text ?? "";
  const docs = await readFile(`${__dirname}/../docs/errors.md`, "utf8");

  return {
    "": {
      content: await readFile(`${FOLDER}/index.html`, "utf8"),
      type: "text/html; charset=utf-8",
    },
    errors: {
      content: errorsPage(explanations(docs)),
      type: "text/html; charset=utf-8",
    },
    "page.css": {
      content: bundled("/page.css"),
      type: "text/css; charset=utf-8",
    },
    "page.js": {
      content: bundled("/page.js"),
      type: "text/javascript; charset=utf-8",
    },
    "theme.js": {
      content: bundled("/theme.js"),
      type: "text/javascript; charset=utf-8",
    },
  };
}
