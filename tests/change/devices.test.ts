import { after, before, describe } from "node:test";

import { TestApplication } from "../support/TestApplication";
import { creation } from "./creation";
import { serverCode } from "./serverCode";
import { steps } from "./steps";

/** Of random cases; a sample on other versions of Elasticsearch and Kuzzle. */
const DOCUMENTS = process.env["CONFORMANCE_SAMPLE"] ? 400 : 2_000;

describe("what devices and server code need", () => {
  let heard: TestApplication;
  let unheard: TestApplication;

  before(async () => {
    // All of a crowd get their turn, however slow the machine is.
    const env = { "kuzzle_plugins__document-update__maxWait": "60000" };
    heard = await TestApplication.start(env);
    unheard = await TestApplication.start({
      ...env,
      PROBE_EVENTS: "false",
      kuzzle_services__internalCache__options__db: "1",
    });
  });
  after(() => Promise.all([heard?.stop(), unheard?.stop()]));

  steps(() => unheard, DOCUMENTS);
  creation(
    () => heard,
    () => unheard,
  );
  serverCode(() => heard);
});
