import assert from "node:assert/strict";
import { it } from "node:test";

import { TestApplication } from "../support/TestApplication";

// A Redis of its own: an application that fails to start leaves the locks of other plugins there,
// and the next one on that Redis waits for them.
process.env["REDIS_URL"] = "";

it("does not start with an invalid configuration, and says which key is wrong", async () => {
  const { message } = await TestApplication.start({
    "kuzzle_plugins__document-update__checkRights": "maybe",
  }).then(
    () => assert.fail("it started"),
    (error: Error) => error,
  );

  assert.match(
    message,
    /Invalid configuration key "plugins\.document-update\.checkRights": expected a boolean, found 'maybe'\./,
  );
  // What `app.start()` rejects with, which the application prints.
  assert.match(message, /^plugin\.runtime\.failed_init /m);
});
