import { after, before, describe } from "node:test";

import { TestApplication } from "../support/TestApplication";
import { deepBodies } from "./deepBodies";
import { deepFolds } from "./deepFolds";
import { foldAgainstStorage } from "./foldAgainstStorage";
import { foldedEvents } from "./foldedEvents";
import { forbiddenFields } from "./forbiddenFields";
import { goneClient } from "./goneClient";
import { heldPipe } from "./heldPipe";
import { hugeDocuments } from "./hugeDocuments";
import { ingestPipeline } from "./ingestPipeline";
import { invalidFolds } from "./invalidFolds";
import { manyDocuments } from "./manyDocuments";
import { pipesAtOnce } from "./pipesAtOnce";
import { recreatedCollection } from "./recreatedCollection";
import { reentrance } from "./reentrance";

describe("updates at the same time", () => {
  let application: TestApplication;

  before(async () => {
    // Where anything listens to `generic:document:injectMetadata`, nothing is folded.
    application = await TestApplication.start({ PROBE_METADATA: "false" });
  });

  after(() => application.stop());

  const of = () => application;
  hugeDocuments(of);
  forbiddenFields(of);
  recreatedCollection(of);
  ingestPipeline(of);
  deepBodies(of);
  manyDocuments(of);
  foldedEvents(of);
  invalidFolds(of);
  foldAgainstStorage(of);
  reentrance(
    of,
    ["fold"],
    [
      "generic:document:beforeUpdate",
      "document:beforeUpdate",
      "document:afterUpdate",
      "generic:document:afterUpdate",
    ],
  );
  goneClient(of, ["batched", "fold"]);
  heldPipe(of);
  pipesAtOnce(of);
  deepFolds(of);
});
