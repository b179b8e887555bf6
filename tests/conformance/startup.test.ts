import assert from "node:assert/strict";
import { it } from "node:test";

import { TestApplication } from "../support/TestApplication";

// A Redis of its own: an application that fails to start leaves the locks of other plugins there,
// and the next one on that Redis waits for them.
process.env["REDIS_URL"] = "";

/** What Kuzzle adds to errors of plugins. */
const BLAME = /a problem with a plugin implementation/;

/** Starts an application that ends instead, and returns what it has printed. */
async function refusedStart(
  ...start: Parameters<typeof TestApplication.start>
): Promise<string> {
  const application = await TestApplication.start(...start).catch(
    ({ message }: Error) => message,
  );
  if (typeof application === "string") {
    return application;
  }
  await application.stop();
  assert.fail("it started");
}

it("does not start with an invalid configuration, and says which key is wrong", async () => {
  const message = await refusedStart({
    "kuzzle_plugins__document-update__checkRights": "maybe",
  });

  assert.match(
    message,
    /Invalid configuration key "plugins\.document-update\.checkRights": expected a boolean, found 'maybe'\./,
  );
  // What `app.start()` rejects with, which the application prints.
  assert.match(message, /^plugin\.document-update\.invalid_configuration /m);
  assert.doesNotMatch(message, BLAME);
});

it("does not start with a configuration under another name, and says which is right", async () => {
  const message = await refusedStart({
    kuzzle_plugins__documentUpdate__interceptNative: "true",
  });

  assert.match(
    message,
    /"plugins\.documentUpdate": .* Did you mean "document-update"\?/,
  );
  assert.match(message, /^plugin\.document-update\.invalid_configuration /m);
});

it("does not start with two instances of the plugin, and names both", async () => {
  const message = await refusedStart({ PROBE_TWICE: "true" });

  assert.match(
    message,
    /The application uses this plugin several times: document-update, a-second-one\. Use it once\./,
  );
  assert.match(message, /^plugin\.document-update\.several_instances /m);
  assert.doesNotMatch(message, BLAME);
});

/** What is hidden of Kuzzle, what is configured, and the part that is told to be missing. */
const unsupported = [
  [
    "native update",
    { interceptNative: "true" },
    "its document controller",
    "interceptNative",
  ],
  [
    "validation",
    { guards: '*json:{"*/*":{"readOnly":["legacyId"]}}' },
    "the validation of its document controller",
    "guards",
  ],
  [
    "client's update",
    { fold: '*json:["*/*"]', interceptNative: '*json:["a/*"]' },
    "its client of Elasticsearch",
    "interceptNative, fold",
  ],
  ["client's get", { fold: '*json:["*/*"]' }, "its reads of documents", "fold"],
  [
    "pipes' map",
    { interceptNative: "true" },
    "its map of pipes and hooks",
    "interceptNative",
  ],
  [
    "specifications",
    { fold: '*json:["*/*"]' },
    "its specifications of collections",
    "fold",
  ],
] as const;

for (const [hidden, configuration, part, keys] of unsupported) {
  it(`does not start without ${hidden}, if ${keys} is configured`, async () => {
    const environment = Object.entries(configuration).map(([key, value]) => [
      `kuzzle_plugins__document-update__${key}`,
      value,
    ]);
    const message = await refusedStart(
      { HIDDEN: hidden, ...Object.fromEntries(environment) },
      "tests/application/hidden.ts",
    );

    assert.match(message, /^plugin\.document-update\.unsupported_kuzzle /m);
    const told = `The configuration asks for ${keys}, but this Kuzzle is not as the plugin expects: ${part}.`;
    assert.ok(message.includes(told), message);
  });
}
