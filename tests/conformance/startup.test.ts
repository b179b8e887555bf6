import assert from "node:assert/strict";
import { it } from "node:test";

import { TestApplication } from "../support/TestApplication";

// A Redis of its own: an application that fails to start leaves the locks of other plugins there,
// and the next one on that Redis waits for them.
process.env["REDIS_URL"] = "";

it("does not start with an invalid configuration, and says which key is wrong", async () => {
  await assert.rejects(
    TestApplication.start({
      "kuzzle_plugins__document-update__checkRights": "maybe",
    }),
    /Invalid configuration key "plugins\.document-update\.checkRights": expected a boolean, found 'maybe'\./,
  );
});
