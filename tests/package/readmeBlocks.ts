import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { root } from "../../scripts/paths.mjs";
import { type Block, blocksOf } from "../support/markdown";
import { curl, runClient, serve, type Setting, stored } from "./serve";

export const blocks = blocksOf(readFileSync(`${root}README.md`, "utf8"));

/** The blocks of the README, each by a text that only it contains. */
export const texts = {
  "client, an ES module": "await kuzzle.connect()",
  configuration: "app.config.set",
  curl: "curl",
  install: "npm install kuzzle-plugin-document-update",
  kuzzlerc: '"plugins"',
  role: '"controllers"',
  "server code": "app.sdk.as",
  start: "npm start",
  "the application": "app.start",
} as const;

/** A block of the README. */
export function block(name: keyof typeof texts): string {
  return only(blocks, texts[name]);
}

/** The one block that contains a text. */
export function only(all: readonly Block[], text: string): string {
  const found = all.filter(({ code }) => code.includes(text));
  assert.equal(found.length, 1, `blocks with ${text}`);

  return String(found[0]?.code);
}

/** Runs the README's application, its curl line and its client, as they stand. */
export async function runReadme(setting: Setting): Promise<void> {
  const { project } = setting;
  project.write("server.mjs", block("the application"));
  project.write("client.mjs", block("client, an ES module"));

  await serve(setting, "server.mjs", async ({ port, stage }) => {
    assert.equal(curl(project, port, block("curl")).result._source.seats, 5);
    assert.deepEqual(await stored(stage), { seats: 5 });
    runClient(project, port, "client.mjs");
    assert.deepEqual(await stored(stage), { rides: 1, seats: 5 });
  });
}
