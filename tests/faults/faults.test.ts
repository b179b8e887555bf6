import { after, before, describe } from "node:test";

import { root } from "../../scripts/paths.mjs";
import { ControlledServices } from "../support/ControlledServices";
import { batchFaults } from "./batchFaults";
import { clientFaults } from "./clientFaults";
import { deletionFaults } from "./deletionFaults";
import { elasticsearchFaults } from "./elasticsearchFaults";
import { FaultSite } from "./FaultSite";
import { outages } from "./outages";
import { ReliabilityTable } from "./ReliabilityTable";
import { shutdownFaults } from "./shutdownFaults";

describe("faults", () => {
  const table = new ReliabilityTable();
  let services: ControlledServices;
  let site: FaultSite;

  before(async () => {
    services = await ControlledServices.start();
    process.env["ELASTICSEARCH_URL"] = services.elasticsearchUrl;
    process.env["REDIS_URL"] = services.redisUrl;
    site = await FaultSite.start(services, table);
  });

  after(async () => {
    await site.application.stop();
    await services.stop();
    await table.write(`${root}docs/reliability.md`);
  });

  elasticsearchFaults(() => site);
  // Kuzzle knows no user without Redis.
  outages(() => site, "redis", "Redis", [
    "acknowledged",
    "500 services.cache.read_failed",
    /^50[03] core\.fatal\.unexpected_error$/,
    "no answer in time",
  ]);
  clientFaults(() => site);
  deletionFaults(() => site);
  batchFaults(() => site);
  shutdownFaults(() => site);
});
