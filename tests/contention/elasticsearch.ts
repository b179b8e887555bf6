import assert from "node:assert/strict";

import type { JSONObject } from "kuzzle-sdk";

import type { Target } from "../support/request";

/** Asks Elasticsearch itself about a collection. */
export async function elasticsearch(
  { collection, index }: Target,
  method: string,
  path: string,
  body?: JSONObject,
  url = process.env["ELASTICSEARCH_URL"],
): Promise<JSONObject> {
  // Kuzzle's name for the collection, in Elasticsearch.
  const alias = encodeURIComponent(`@&${index}.${collection}`);
  const response = await fetch(`${url}/${alias}/${path}`, {
    headers: { "content-type": "application/json" },
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${text}`);

  return JSON.parse(text) as JSONObject;
}
