import { TestApplication } from "../support/TestApplication";
import { WebSocketClient } from "../support/WebSocketClient";
import { gatherCompany } from "./company";
import type { Stage } from "./observe";

const specification = {
  fields: {
    count: {
      mandatory: false,
      type: "integer",
      typeOptions: { range: { max: 1000, min: 0 } },
    },
    nested: {
      mandatory: false,
      type: "object",
      typeOptions: { strict: false },
    },
    state: { mandatory: false, type: "string" },
  },
};

/** Starts one where nothing listens, and updates are grouped. */
export async function setGroupStage(): Promise<Stage> {
  const stage = await setStage({
    // Where nothing listens, updates are grouped, and make no request for events.
    PROBE_EVENTS: "false",
    "kuzzle_plugins__document-update__groupCommit": '*json:["*/*"]',
    kuzzle_services__internalCache__options__db: "2",
  });
  const { application, collections, index } = stage;

  return {
    ...stage,
    company: await gatherCompany(
      application,
      index,
      Object.values(collections),
    ),
  };
}

/** Starts an application with all that the cases need. */
export async function setStage(
  environment: Record<string, string> = {},
): Promise<Stage> {
  const application = await TestApplication.start(environment);
  const { collection: plain, index } = await application.createCollection(
    "plain",
    {
      mappings: {
        dynamic: "true",
        properties: {
          count: { type: "integer" },
          state: { type: "keyword" },
        },
      },
    },
  );
  const { collection: rigid } = await application.createCollection("rigid", {
    mappings: {
      dynamic: "strict",
      properties: { count: { type: "integer" } },
    },
  });
  // Takes any document: nothing is indexed.
  const { collection: loose } = await application.createCollection("loose", {
    mappings: { dynamic: "false" },
    settings: { refresh_interval: "100ms" },
  });
  const specified = await specifiedCollection(application, "specified", false);
  const strict = await specifiedCollection(application, "strict", true);

  return {
    application,
    collections: { loose, plain, rigid, specified, strict },
    index,
    subscriber: await WebSocketClient.connect(application.port),
    tokens: {
      author: await application.createUser("author", {
        "*": { actions: { "*": true } },
      }),
      outsider: await application.createUser("outsider", {
        "document-update": { actions: { update: true } },
      }),
    },
  };
}

export async function clearStage({
  application,
  company,
  subscriber,
}: Stage): Promise<void> {
  await company?.close();
  await subscriber.close();
  await application.stop();
}

async function specifiedCollection(
  application: TestApplication,
  name: string,
  strict: boolean,
): Promise<string> {
  const { collection, index } = await application.createCollection(name);
  await application.stage.call({
    action: "updateSpecifications",
    body: { ...specification, strict },
    collection,
    controller: "collection",
    index,
  });

  return collection;
}
