import { readFile } from "node:fs/promises";

import { build } from "esbuild";

import { errorsPage } from "./errorsPage";

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
    entryPoints: { page: `${FOLDER}/main.ts` },
    // The SDK asks for it where there is no WebSocket; every browser has one.
    external: ["ws"],
    format: "esm",
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
  const bundled = (end: string) =>
    outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";

  return {
    "": {
      content: await readFile(`${FOLDER}/index.html`, "utf8"),
      type: "text/html; charset=utf-8",
    },
    errors: { content: errorsPage(), type: "text/html; charset=utf-8" },
    "page.css": {
      content: bundled(".css"),
      type: "text/css; charset=utf-8",
    },
    "page.js": {
      content: bundled(".js"),
      type: "text/javascript; charset=utf-8",
    },
  };
}
