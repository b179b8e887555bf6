import { after, before, describe } from "node:test";

import { TestApplication } from "../support/TestApplication";
import { logged } from "./logged";
import { order } from "./order";
import { reentrance } from "./reentrance";

describe("updates at the same time, if pipes listen to every event", () => {
  let application: TestApplication;

  before(async () => {
    application = await TestApplication.start({
      "kuzzle_plugins__document-update__interceptNative": "true",
    });
  });

  after(() => application.stop());

  const of = () => application;
  order(of, ["document-update", "document"], false);
  reentrance(
    of,
    ["batched"],
    [
      "generic:document:beforeUpdate",
      "document:beforeUpdate",
      "generic:document:injectMetadata",
      "document:afterUpdate",
      "generic:document:afterUpdate",
    ],
  );
  logged(of);
});
