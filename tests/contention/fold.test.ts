import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";

import { TestApplication } from "../support/TestApplication";
import { badUpdate } from "./badUpdate";
import { deepFolds } from "./deepFolds";
import { fold } from "./fold";
import { foldAgainstStorage } from "./foldAgainstStorage";
import { goneClient } from "./goneClient";
import { invalidFolds } from "./invalidFolds";
import { reentrance } from "./reentrance";
import { statistics } from "./statistics";

describe("updates at once, folded", () => {
  let application: TestApplication;

  before(async () => {
    // Where anything listens to `generic:document:injectMetadata`, nothing is folded.
    application = await TestApplication.start({ PROBE_METADATA: "false" });
  });

  after(() => application.stop());

  const of = () => application;
  fold(of);
  badUpdate(of);
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
  statistics(of);
  deepFolds(of);

  it("end with the application, at SIGTERM", { timeout: 60_000 }, async () => {
    const { process } = application;
    const ended = once(process, "exit");
    process.kill("SIGTERM");
    await ended;
    assert.equal(process.exitCode, 0);
  });
});
