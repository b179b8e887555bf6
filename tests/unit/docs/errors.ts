import assert from "node:assert/strict";
import { it } from "node:test";

import { KuzzleError } from "kuzzle";
// Kuzzle's own maker of errors, which applications cannot reach: the plugin's have to be like its.
import * as kerror from "kuzzle/dist/lib/kerror";
import { domains, loadPluginsErrors } from "kuzzle/dist/lib/kerror/codes";

import type {
  DocumentUpdateErrorId,
  DocumentUpdateErrorName,
} from "../../../lib/api";
import { manifest, pluginError } from "../../../lib/errors";
import manifestJson from "../../../manifest.json";

const names = Object.keys(manifest.errors) as (keyof typeof manifest.errors)[];

it("builds each error of the catalogue as Kuzzle does for a plugin", () => {
  loadPluginsErrors({ errors: manifest.errors, name: manifest.name }, 0);

  for (const name of names) {
    const own = pluginError(name, "one", "two", "three");
    const native = kerror.rawGet(
      domains,
      "plugin",
      manifest.name,
      name,
      "one",
      "two",
      "three",
    );

    assert.ok(own instanceof KuzzleError);
    assert.deepEqual(
      { ...own.toJSON(), stack: "" },
      { ...native.toJSON(), stack: "" },
    );
    assert.equal(own.name, native.name);
  }
});

it("gives each error a code of its own", () => {
  const codes = names.map((name) => manifest.errors[name].code);

  assert.equal(new Set(codes).size, codes.length);
});

it("has the errors of manifest.json in its types, and no others", () => {
  // An error that either of them lacks does not compile.
  const inTypes: Record<DocumentUpdateErrorName, object> = manifestJson.errors;
  const inManifest: Record<keyof typeof manifestJson.errors, object> = inTypes;

  for (const name of Object.keys(inManifest) as DocumentUpdateErrorName[]) {
    const id: DocumentUpdateErrorId = `plugin.document-update.${name}`;
    assert.equal(pluginError(name).id, id);
  }
});
