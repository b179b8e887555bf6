import { after, before, describe } from "node:test";

import { type ApiClient, protocols } from "../support/request";
import { TestApplication } from "../support/TestApplication";
import { changes } from "./changes";
import { requests } from "./requests";

const CLIENTS_PER_PROTOCOL = 4;

const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);

describe(`bad input of seed ${seed}`, () => {
  let application: TestApplication;
  const clients: ApiClient[] = [];

  before(async () => {
    application = await TestApplication.start({
      NODE_ENV: "production",
      "kuzzle_plugins__document-update__interceptNative": "true",
    });
    for (const protocol of protocols) {
      for (let n = 0; n < CLIENTS_PER_PROTOCOL; n++) {
        clients.push(await application.connect(protocol));
      }
    }
  });

  after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await application?.stop();
  });

  const of = () => ({ application, clients });
  requests(of, seed);
  changes(of, seed);
});
