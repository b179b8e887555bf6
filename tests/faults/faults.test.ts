import { after, before, describe } from "node:test";

import { root } from "../../scripts/paths.mjs";
import { ControlledServices } from "../support/ControlledServices";
import { batchFaults, type ProxiedSite, startProxied } from "./batchFaults";
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
  let proxied: ProxiedSite;

  before(async () => {
    services = await ControlledServices.start();
    process.env["ELASTICSEARCH_URL"] = services.elasticsearchUrl;
    process.env["REDIS_URL"] = services.redisUrl;
    site = await FaultSite.start(services, table);
    proxied = await startProxied(services, table);
  });

  after(async () => {
    // The last test of each has ended its application.
    await site.application.stop();
    await proxied.batches.application.stop();
    await proxied.proxy.close();
    await services.stop();
    await table.write(`${root}docs/maintainers/faults.md`);
  });

  batchFaults(() => proxied);
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
  shutdownFaults(() => site);
});
