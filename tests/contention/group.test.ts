import { after, before, describe } from "node:test";

import { TestApplication } from "../support/TestApplication";
import { group } from "./group";
import { groupCallers } from "./groupCallers";
import { notGrouped } from "./notGrouped";
import { reentrance } from "./reentrance";

describe("group commit", () => {
  let application: TestApplication;

  before(async () => {
    // Where anything listens to `generic:document:injectMetadata`, nothing is grouped.
    application = await TestApplication.start({ PROBE_METADATA: "false" });
  });

  after(() => application.stop());

  const of = () => application;
  group(of);
  groupCallers(of);
  notGrouped(of);
  reentrance(
    of,
    ["group", "foldgroup"],
    [
      "generic:document:beforeUpdate",
      "document:beforeUpdate",
      "document:afterUpdate",
      "generic:document:afterUpdate",
    ],
  );
});
