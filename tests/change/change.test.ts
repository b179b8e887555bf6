import { after, before, describe } from "node:test";

import { TestApplication } from "../support/TestApplication";
import { counters } from "./counters";
import { cutOff } from "./cutOff";
import { dryRun } from "./dryRun";
import { everyWay } from "./everyWay";
import { folded } from "./folded";
import { guardedFields } from "./guardedFields";
import { GUARDS, guards } from "./guards";
import { lostAnswers } from "./lostAnswers";
import { merges } from "./merges";
import { modifyEvents } from "./modifyEvents";
import { operators } from "./operators";
import { preconditions } from "./preconditions";
import { requestKeys } from "./requestKeys";
import { rights } from "./rights";
import { unchanged } from "./unchanged";
import { unset } from "./unset";

describe("changes that depend on what is stored", () => {
  let heard: TestApplication;
  let intercepting: TestApplication;

  before(async () => {
    const guarded = {
      "kuzzle_plugins__document-update__guards": `*json:${JSON.stringify(GUARDS)}`,
    };
    heard = await TestApplication.start(guarded);
    intercepting = await TestApplication.start({
      ...guarded,
      PROBE_EVENTS: "false",
      // However slow the machine is, each of 64 clients gets its turn.
      "kuzzle_plugins__document-update__maxWait": "60000",
      PROBE_METADATA: "false",
      "kuzzle_plugins__document-update__skipUnchanged": '*json:["*/skipped*"]',
      "kuzzle_plugins__document-update__interceptNative": "true",
      kuzzle_services__internalCache__options__db: "1",
    });
  });
  after(() => Promise.all([heard?.stop(), intercepting?.stop()]));

  const unheard = () => intercepting;

  preconditions("the plugin's action", () => heard, "document-update");
  preconditions("interception", unheard, "document");
  everyWay(() => heard, unheard);
  requestKeys(unheard);
  cutOff(unheard);
  unchanged(unheard);
  dryRun(() => heard);
  operators(unheard);
  merges("natively", () => heard);
  merges("intercepted", unheard, { skipUnchanged: true });
  rights(() => heard);
  unset(() => heard);
  modifyEvents(() => heard);
  guards(() => heard, unheard);
  guardedFields("natively", () => heard);
  guardedFields("intercepted", unheard);
  folded(unheard);
  counters(() => heard);
  lostAnswers(() => heard.elasticsearchUrl);
});
