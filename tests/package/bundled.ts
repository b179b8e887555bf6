import assert from "node:assert/strict";

import { preview } from "vite";

import { root } from "../../scripts/paths.mjs";
import type { BareProject } from "../support/BareProject";
import { startChromium } from "../support/chromium";

/** Or the next one that is free. */
const PAGE_PORT = 27_600;

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

/** Bundles a front end by Vite, and has it update the sample of a Kuzzle from a browser. */
export async function updateFromBundle(
  project: BareProject,
  kuzzlePort: number,
): Promise<void> {
  project.write("vite.mjs", front);
  project.write(
    "index.html",
    '<!doctype html><title>front end</title><body><script type="module" src="/vite.mjs"></script></body>',
  );
  project.run(
    process.execPath,
    `${root}node_modules/vite/bin/vite.js`,
    "build",
    "--logLevel=warn",
  );
  // Chromium lets only pages of this machine connect to this machine.
  const server = await preview({
    configFile: false,
    logLevel: "warn",
    preview: { host: "127.0.0.1", port: PAGE_PORT },
    root: project.folder,
  });
  const chromium = await startChromium();
  try {
    const page = await chromium.newPage();
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    await page.goto(`${server.resolvedUrls?.local[0]}?port=${kuzzlePort}`);
    const outcome = page.getByText("outcome:");
    await outcome.waitFor().catch(() => {
      throw new Error(`The page shows no outcome. ${errors.join("\n")}`);
    });

    assert.equal(await outcome.textContent(), "outcome: 5");
  } finally {
    await chromium.close();
    await server.close();
  }
}
