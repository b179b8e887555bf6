import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import type { EmbeddedSDK } from "kuzzle";

import { CollectionMappings } from "../../../lib/write/CollectionMappings";
import { settled } from "../../support/aWrite";

const mapping = { properties: { seats: { type: "integer" } } };

function someMappings(read = async (): Promise<unknown> => mapping) {
  const asked: unknown[] = [];
  const getMapping = (...target: string[]) => {
    asked.push(target.join("/"));
    return read();
  };
  const mappings = new CollectionMappings({
    collection: { getMapping },
  } as unknown as EmbeddedSDK);

  return { asked, mappings };
}

afterEach(() => mock.restoreAll());

it("does not know a mapping until it has been read, and does not wait for it", async () => {
  const { asked, mappings } = someMappings();

  assert.equal(mappings.of("iot", "taxis"), undefined);
  assert.equal(mappings.of("iot", "taxis"), undefined);
  await settled();
  assert.equal(mappings.of("iot", "taxis"), mapping);
  assert.deepEqual(asked, ["iot/taxis"]);
});

it("reads it again after ten seconds, and uses the old one in between", async () => {
  const { asked, mappings } = someMappings();
  let now = 0;
  mock.method(performance, "now", () => now);

  mappings.of("iot", "taxis");
  await settled();
  now = 9_999;
  mappings.of("iot", "taxis");
  assert.equal(asked.length, 1);
  now = 10_000;
  assert.equal(mappings.of("iot", "taxis"), mapping);
  assert.equal(asked.length, 2);
});

it("knows nothing if it can no longer be read", async () => {
  let now = 0;
  mock.method(performance, "now", () => now);
  const answers = [
    () => Promise.resolve(mapping),
    () => Promise.reject(new Error("gone")),
  ];
  const { mappings } = someMappings(() => answers.shift()!());

  mappings.of("iot", "taxis");
  await settled();
  now = 10_000;
  mappings.of("iot", "taxis");
  await settled();
  assert.equal(mappings.of("iot", "taxis"), undefined);
});

it("forgets them all when they are too many", async () => {
  const { asked, mappings } = someMappings();

  for (let number = 0; number <= 1_000; number++) {
    mappings.of("iot", String(number));
  }
  assert.equal(asked.length, 1_001);
  mappings.of("iot", "0");
  assert.equal(asked.length, 1_002);
});
