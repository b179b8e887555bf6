import { after, before, describe } from "node:test";

import { logged } from "../contention/logged";
import { reentrance } from "../contention/reentrance";
import { TestApplication } from "../support/TestApplication";
import { guardedFields } from "./guardedFields";
import { GUARDS, unguarded } from "./guards";
import { merges } from "./merges";
import { operators } from "./operators";
import { unset } from "./unset";

/** Of random cases; a sample on other versions of Elasticsearch. */
const DOCUMENTS = process.env["CONFORMANCE_SAMPLE"] ? 400 : 2_000;

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
      "kuzzle_plugins__document-update__interceptNative": "true",
      kuzzle_services__internalCache__options__db: "1",
    });
  });
  after(() => Promise.all([heard?.stop(), intercepting?.stop()]));

  const direct = () => heard;
  const unheard = () => intercepting;

  operators(unheard, DOCUMENTS);
  merges("natively", direct);
  merges("intercepted", unheard, { skipUnchanged: true });
  unset(direct);
  unguarded(direct, unheard);
  guardedFields("natively", direct);
  guardedFields("intercepted", unheard);
  reentrance(
    direct,
    ["batched"],
    [
      "generic:document:beforeUpdate",
      "generic:document:injectMetadata",
      "document:afterUpdate",
      "generic:document:afterUpdate",
    ],
  );
  logged(direct);
});
