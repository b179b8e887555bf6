import assert from "node:assert/strict";
import { it } from "node:test";

import * as client from "../../../lib/client";
import { DocumentUpdateController } from "../../../lib/client";
import { manifest } from "../../../lib/errors";
import * as server from "../../../lib/index";
import { DocumentUpdatePlugin } from "../../../lib/plugin/DocumentUpdatePlugin";
import manifestJson from "../../../manifest.json";
import packageJson from "../../../package.json";

it("exports the plugin, and nothing else, from its root", () => {
  assert.deepEqual({ ...server }, { DocumentUpdatePlugin });
});

it("exports the SDK controller, and nothing else, from ./client", () => {
  assert.deepEqual({ ...client }, { DocumentUpdateController });
});

it("asks in package.json for the Kuzzle that manifest.json names", () => {
  assert.equal(packageJson.peerDependencies.kuzzle, manifest.kuzzleVersion);
});

it("is named after its manifest", () => {
  assert.equal(packageJson.name, `kuzzle-plugin-${manifest.name}`);
});

it("reads the manifest.json that it is published with", () => {
  assert.deepEqual(manifest, manifestJson);
});
