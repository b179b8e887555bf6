import assert from "node:assert/strict";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { describe, it } from "node:test";

import { build } from "esbuild";

import { root } from "../../scripts/paths.mjs";
import type { BareProject } from "../support/BareProject";
import { isWithoutChromium, startChromium } from "../support/chromium";

/** A front end that updates the sample when its page is loaded, and shows the outcome in the page. */
const front = `import { DocumentUpdateController } from "kuzzle-plugin-document-update/client";
import { Kuzzle, WebSocket } from "kuzzle-sdk";
const port = Number(new URLSearchParams(location.search).get("port"));
const kuzzle = new Kuzzle(new WebSocket("127.0.0.1", { port }));
kuzzle.useController(DocumentUpdateController, "documentUpdate");
kuzzle
  .connect()
  .then(() => kuzzle.documentUpdate.update("nyc-open-data", "yellow-taxi", "liia", { seats: 5 }, { source: true }))
  .then(({ _source }) => JSON.stringify(_source.seats), String)
  .then((outcome) => {
    document.body.textContent = "outcome: " + outcome;
    kuzzle.disconnect();
  });`;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
};

const page = (script: string) =>
  `<!doctype html><title>front end</title><body><script type="module" src="${script}"></script></body>`;

/** Bundlers. Each writes a page and its scripts to a folder of the project. */
const bundles: Readonly<
  Record<string, (project: BareProject, folder: string) => unknown>
> = {
  esbuild: async (project, folder) => {
    await build({
      bundle: true,
      entryPoints: [project.write("esbuild.mjs", front)],
      format: "esm",
      outfile: join(project.folder, folder, "front.js"),
      platform: "browser",
    });
    project.write(join(folder, "index.html"), page("/front.js"));
  },
  Vite: (project, folder) => {
    project.write("vite.mjs", front);
    project.write("index.html", page("/vite.mjs"));
    project.run(
      process.execPath,
      `${root}node_modules/vite/bin/vite.js`,
      "build",
      "--outDir",
      folder,
    );
  },
};

/**
 * Bundles a front end that uses `./client` by each bundler, and runs it in a browser.
 *
 * @param port of a Kuzzle that has the sample
 */
export function bundlers(project: () => BareProject, port: () => number): void {
  describe("in a browser", { skip: isWithoutChromium }, () => {
    for (const [bundler, bundle] of Object.entries(bundles)) {
      it(`is updated by a front end that ${bundler} has bundled`, async () => {
        const folder = `bundle-${bundler}`;
        await bundle(project(), folder);

        assert.equal(
          await outcomeOf(join(project().folder, folder), port()),
          "outcome: 5",
        );
      });
    }
  });
}

/** Opens the page of a folder in a browser, and returns the outcome that it shows. */
async function outcomeOf(folder: string, kuzzlePort: number): Promise<string> {
  // A server of its own: Chromium lets only pages of this machine connect to this machine.
  const server = createServer((request, response) => {
    const { pathname } = new URL(String(request.url), "http://localhost");
    const path = pathname === "/" ? "/index.html" : pathname;
    response.setHeader("content-type", TYPES[extname(path)] ?? "text/plain");
    createReadStream(join(folder, path))
      .on("error", () => response.writeHead(404).end())
      .pipe(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const chromium = await startChromium();
  try {
    const shown = await chromium.newPage();
    const errors: string[] = [];
    shown.on("pageerror", ({ message }) => errors.push(message));
    await shown.goto(`http://127.0.0.1:${port}/?port=${kuzzlePort}`);
    const text = shown.getByText("outcome:");
    await text.waitFor().catch(() => {
      throw new Error(`The page shows no outcome. ${errors.join("\n")}`);
    });

    return (await text.textContent()) ?? "";
  } finally {
    await chromium.close();
    server.close();
  }
}
