import { after, before, describe } from "node:test";

import { startServices } from "../../scripts/services/index.mjs";
import { StorageProxy } from "../support/StorageProxy";
import { TestApplication } from "../support/TestApplication";
import { lostAnswers } from "./lostAnswers";
import { noWait } from "./noWait";
import { refusedBatch } from "./refusedBatch";
import { slowBatch } from "./slowBatch";

describe("storage with problems", () => {
  let application: TestApplication;
  let proxy: StorageProxy;
  let stopServices: () => Promise<void>;

  before(async () => {
    const services = await startServices();
    stopServices = services.stop;
    // Whatever is started from now on shares it.
    process.env["ELASTICSEARCH_URL"] = services.elasticsearchUrl;
    process.env["REDIS_URL"] = services.redisUrl;
    proxy = await StorageProxy.listen(services.elasticsearchUrl);
    application = await TestApplication.start({
      PROBE_EVENTS: "false",
      PROBE_INSTANCES: "document-update-impatient",
      kuzzle_services__storageEngine__client__node: proxy.url,
    });
  });

  after(async () => {
    await application.stop();
    await proxy.close();
    await stopServices();
  });

  const of = () => ({ application, proxy });
  slowBatch(of);
  refusedBatch(of);
  lostAnswers(of);
  noWait(of);
});
