import { after, before, describe } from "node:test";

import { startServices } from "../../scripts/services/index.mjs";
import { planLocal } from "../../scripts/services/local.mjs";
import { startPlan } from "../../scripts/services/startPlan.mjs";
import { StorageProxy } from "../support/StorageProxy";
import { patient, TestApplication } from "../support/TestApplication";
import { deletedDocument } from "./deletedDocument";
import { hangingRedis, type KeyStore } from "./hangingRedis";
import { lateCheck, unavailableInfo } from "./lateCheck";
import { lostAnswers } from "./lostAnswers";
import { noWait } from "./noWait";
import { refusedBatch } from "./refusedBatch";
import { slowBatch } from "./slowBatch";

describe("storage with problems", () => {
  let application: TestApplication;
  let proxy: StorageProxy;
  let keys: KeyStore & { readonly stop: () => Promise<void>; url: URL };
  let stopServices: () => Promise<void>;

  before(async () => {
    const services = await startServices();
    stopServices = services.stop;
    // Whatever is started from now on shares it.
    process.env["ELASTICSEARCH_URL"] = services.elasticsearchUrl;
    process.env["REDIS_URL"] = services.redisUrl;
    proxy = await StorageProxy.listen(services.elasticsearchUrl);
    proxy.meddle = unavailableInfo();
    keys = await startKeyStore();
    application = await TestApplication.start({
      ...patient,
      PROBE_EVENTS: "false",
      kuzzle_limits__concurrentRequests: "2000",
      kuzzle_services__memoryStorage__node: `*json:${JSON.stringify({ host: keys.url.hostname, port: Number(keys.url.port) })}`,
      kuzzle_services__storageEngine__client__node: proxy.url,
    });
  });

  after(async () => {
    await application?.stop();
    await proxy.close();
    await keys?.stop();
    await stopServices();
  });

  const of = () => ({ application, keys, proxy });
  // It looks at what the start has left.
  lateCheck(of);
  slowBatch(of);
  refusedBatch(of);
  lostAnswers(of);
  noWait(() => proxy);
  deletedDocument(of);
  hangingRedis(of);
});

/** Starts a Redis of this machine, which keeps nothing but what \`sdk.ms\` stores. */
async function startKeyStore() {
  const { redisUrl, running, stop } = await startPlan((folder) =>
    planLocal({ elasticsearch: false, redis: true }, folder),
  );
  const signal = (name: NodeJS.Signals) => {
    running.get("redis")?.kill(name);
  };

  return {
    pause: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    stop,
    url: new URL(String(redisUrl)),
  };
}
