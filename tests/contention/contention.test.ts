import { after, before, describe } from "node:test";

import { TestApplication } from "../support/TestApplication";
import { badUpdate } from "./badUpdate";
import { fold } from "./fold";
import { foldAgainstStorage } from "./foldAgainstStorage";
import { goneClient } from "./goneClient";
import { reentrance } from "./reentrance";
import { retry } from "./retry";
import { statistics } from "./statistics";

describe("contention on one node", () => {
  let application: TestApplication;

  before(async () => {
    application = await TestApplication.start();
  });

  after(() => application.stop());

  const of = () => application;
  retry(of);
  fold(of);
  badUpdate(of);
  foldAgainstStorage(of);
  reentrance(
    of,
    ["retried", "fold"],
    [
      "generic:document:beforeUpdate",
      "document:beforeUpdate",
      "generic:document:injectMetadata",
      "document:afterUpdate",
      "generic:document:afterUpdate",
    ],
  );
  goneClient(of);
  statistics(of);
});
