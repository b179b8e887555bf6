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
  role: '"controllers"',
  "server code": "app.sdk.as",
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

/** The README's application, with its configuration where the README has it. */
export const configured = block("the application").replace(
  "app.start",
  `${block("configuration")}app.start`,
);

/** Runs the README's application with its configuration, its curl line and its client, as they stand. */
export async function runReadme(setting: Setting): Promise<void> {
  const { project } = setting;
  project.write("server.mjs", configured);
  project.write("client.mjs", block("client, an ES module"));

  await serve(setting, "server.mjs", async ({ port, stage }) => {
    const { body, head } = curl(project, port, block("curl"));
    assert.equal(body.result._source.seats, 5);
    // What the README has one look for.
    assert.match(head, /^etag: "\d+"$/im);
    assert.deepEqual(await stored(stage), { seats: 5 });
    runClient(project, port, "client.mjs");
    assert.deepEqual(await stored(stage), { rides: 1, seats: 5 });
  });
}
