import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { it } from "node:test";

import type { PluginContext } from "kuzzle";

import { DocumentUpdatePlugin } from "../../../lib/plugin/DocumentUpdatePlugin";
import { FakeKuzzle } from "../../support/fakeKuzzle";
import { refusal } from "../../support/refusal";

/** Has an application use these plugins, initialises one of them, and reads its API, as Kuzzle does. */
function initialise(
  plugin: DocumentUpdatePlugin,
  plugins: Readonly<Record<string, object>>,
): void {
  const { plugins: used } = new FakeKuzzle();
  for (const [name, each] of Object.entries(plugins)) {
    used.set(name, each);
  }
  plugin.init({}, {
    accessors: { nodeId: "a-node", sdk: {} },
    config: { plugins: {} },
  } as unknown as PluginContext);
  assert.ok(plugin.api);
}

it("does not start beside another instance in the same application, and names both", () => {
  const [first, second] = [
    new DocumentUpdatePlugin(),
    new DocumentUpdatePlugin(),
  ];
  const plugins = { "document-update": first, mailer: {}, taxis: second };

  for (const plugin of [first, second]) {
    assert.throws(
      () => initialise(plugin, plugins),
      refusal("several_instances", "document-update, taxis"),
    );
  }
});

it("does not start beside an instance of another copy of the package", () => {
  const plugin = new DocumentUpdatePlugin();
  const plugins = { "document-update": plugin, taxis: ofAnotherCopy() };

  assert.throws(
    () => initialise(plugin, plugins),
    refusal("several_instances", "document-update, taxis"),
  );
});

it("starts alone, beside other plugins, and in one process with another application", () => {
  for (const plugin of [
    new DocumentUpdatePlugin(),
    new DocumentUpdatePlugin(),
  ]) {
    initialise(plugin, { "document-update": plugin, mailer: {} });
  }
});

/** As where a package of the application has the plugin among its own dependencies. */
function ofAnotherCopy(): object {
  const load = createRequire(__filename);
  const file = load.resolve("../../../lib/plugin/DocumentUpdatePlugin");
  const first = load.cache[file];
  assert.ok(first);
  delete load.cache[file];
  try {
    const copy = load(file) as {
      DocumentUpdatePlugin: typeof DocumentUpdatePlugin;
    };
    assert.notEqual(copy.DocumentUpdatePlugin, DocumentUpdatePlugin);

    return new copy.DocumentUpdatePlugin();
  } finally {
    load.cache[file] = first;
  }
}
