import { after, before, describe } from "node:test";

import { TestApplication } from "../support/TestApplication";
import { callers } from "./callers";
import { deepBodies } from "./deepBodies";
import { forbiddenFields } from "./forbiddenFields";
import { hotDocument } from "./hotDocument";
import { hugeDocuments } from "./hugeDocuments";
import { ingestPipeline } from "./ingestPipeline";
import { manyDocuments } from "./manyDocuments";
import { order } from "./order";
import { recreatedCollection } from "./recreatedCollection";
import { sdkClients } from "./sdkClients";

describe("updates at the same time, if nothing listens to events", () => {
  let application: TestApplication;

  before(async () => {
    application = await TestApplication.start({
      "kuzzle_plugins__document-update__interceptNative": "true",
      PROBE_EVENTS: "false",
    });
  });

  after(() => application.stop());

  const of = () => application;
  order(of, ["document-update", "document"], true);
  sdkClients(of);
  callers(of);
  hotDocument(of);
  hugeDocuments(of);
  forbiddenFields(of);
  recreatedCollection(of);
  ingestPipeline(of);
  deepBodies(of);
  manyDocuments(of);
});
