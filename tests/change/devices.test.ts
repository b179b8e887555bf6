import { after, before, describe } from "node:test";

import { patient, TestApplication } from "../support/TestApplication";
import { creation } from "./creation";
import { serverCode } from "./serverCode";
import { steps } from "./steps";

/** Of random cases; a sample on other versions of Elasticsearch and Kuzzle. */
const DOCUMENTS = process.env["CONFORMANCE_SAMPLE"] ? 400 : 2_000;

describe("what devices and server code need", () => {
  let heard: TestApplication;
  let unheard: TestApplication;

  before(async () => {
    heard = await TestApplication.start(patient);
    unheard = await TestApplication.start({
      ...patient,
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
