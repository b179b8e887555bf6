import { readFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";

import type { JSONObject } from "kuzzle-sdk";

import { root } from "../../scripts/paths.mjs";

/** What a run ran on: names and values. */
export type Platform = readonly (readonly [name: string, value: string])[];

/** @param info what Kuzzle's `server:info` answers */
export async function describePlatform(info: JSONObject): Promise<Platform> {
  const { services } = info["serverInfo"];
  const processors = cpus();

  return [
    [
      "Machine",
      `${processors.length} cores (${processors[0]?.model.trim() ?? ""}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    ],
    ["Node.js", process.versions.node],
    ["Kuzzle", await versionOf("node_modules/kuzzle/")],
    ["kuzzle-sdk", await versionOf("node_modules/kuzzle-sdk/")],
    ["kuzzle-plugin-document-update", await versionOf("")],
    ["Elasticsearch", String(services.publicStorage.version)],
    ["Redis", String(services.internalCache.version)],
    ["Measured on", new Date().toISOString().slice(0, 10)],
  ];
}

async function versionOf(folder: string): Promise<string> {
  const text = await readFile(`${root}${folder}package.json`, "utf8");
  return String((JSON.parse(text) as { version: unknown }).version);
}
