import type { JSONObject } from "kuzzle-sdk";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { Target } from "../support/request";
import { TestApplication } from "../support/TestApplication";
import { WebSocketClient } from "../support/WebSocketClient";
import { companions, gatherCompany } from "./company";
import { type Stage, subscribe } from "./observe";

/** What Kuzzle's client of Elasticsearch stores, but refuses to read. */
const POISON =
  '{"__proto__":{"a":1},"constructor":{"prototype":{"a":1}},"count":1}';

const countAndState = {
  dynamic: "true",
  properties: { count: { type: "integer" }, state: { type: "keyword" } },
};

/** One field of every kind that storage can refuse a value of. */
const rigid = {
  dynamic: "strict",
  properties: {
    count: { type: "integer" },
    date: { format: "strict_date", type: "date" },
    flag: { type: "boolean" },
    ip: { type: "ip" },
    list: { properties: { a: { type: "integer" } }, type: "nested" },
    nested: {
      properties: {
        count: { type: "integer" },
        deep: { properties: { word: { type: "keyword" } } },
      },
    },
    place: { type: "geo_point" },
    word: { type: "keyword" },
  },
};

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

/** Starts an application with all that the cases need. */
export async function setStage(
  ...start: Parameters<typeof startApplication>
): Promise<Stage> {
  return furnish(await startApplication(...start));
}

/** Starts an application that the cases can play on. */
export function startApplication(
  environment: Record<string, string> = {},
  entry?: string,
): Promise<TestApplication> {
  const env = { kuzzle_limits__documentsWriteCount: "1000", ...environment };

  return TestApplication.start(env, entry);
}

/** Creates all that the cases need. If that fails, the application is stopped. */
export async function furnish(application: TestApplication): Promise<Stage> {
  try {
    const tokens = await application.createUsers({
      author: { "*": { actions: { "*": true } } },
      outsider: { "document-update": { actions: { update: true } } },
    });
    const stage = await createCollections(application);

    return { ...stage, tokens };
  } catch (error) {
    await application.stop();
    throw error;
  }
}

async function createCollections(
  application: TestApplication,
): Promise<Omit<Stage, "tokens">> {
  const create = async (name: string, definition: JSONObject = {}) =>
    (await application.createCollection(name, definition)).collection;
  const { collection: plain, index } = await application.createCollection(
    "plain",
    // Else `wait_for` takes a second.
    { mappings: countAndState, settings: { refresh_interval: "100ms" } },
  );
  const collections: Record<string, string> = {
    crowded: await create("crowded", { mappings: countAndState }),
    gone: await create("gone"),
    // Takes any document: nothing is indexed.
    loose: await create("loose", {
      mappings: { dynamic: "false" },
      settings: { refresh_interval: "100ms" },
    }),
    plain,
    poisoned: await create("poisoned", { mappings: { dynamic: "false" } }),
    rigid: await create("rigid", { mappings: rigid }),
    specified: await specifiedCollection(application, "specified", false),
    strict: await specifiedCollection(application, "strict", true),
  };
  for (const [name, collection] of Object.entries(collections)) {
    const target = { collection, index };
    const documents = companions.map((_id) => ({ _id, body: {} }));
    await application.stage.call({
      ...target,
      action: "mCreate",
      args: { strict: true },
      body: { documents },
      controller: "document",
    });
    if (name === "poisoned") {
      for (const _id of companions) {
        await storePastKuzzle(application, target, _id, POISON);
      }
    }
  }
  for (const setting of ["default_pipeline", "final_pipeline"] as const) {
    const name = setting === "default_pipeline" ? "piped" : "finallyPiped";
    const collection = await create(name.toLowerCase());
    const runs = await addPipeline(application, { collection, index }, setting);
    // Where no node runs it, an update of a document fails, but by itself alone.
    if (runs || name === "piped") {
      collections[name] = collection;
    }
  }
  const gone = { collection: collections["gone"]!, index };
  await deletePastKuzzle(application, gone);

  const subscriber = await WebSocketClient.connect(application.port);
  const rooms: Record<string, string> = {};
  for (const collection of Object.values(collections)) {
    const filter = { not: { ids: { values: companions } } };
    const target = { collection, index };
    rooms[collection] = await subscribe({ subscriber }, target, filter);
  }

  return {
    application,
    collections,
    company: await gatherCompany(application.port),
    index,
    prepared: new Map(),
    rooms,
    socket: await PipelinedSocket.connect(application.port),
    subscriber,
  };
}

export async function clearStage({
  application,
  company,
  socket,
  subscriber,
}: Stage): Promise<void> {
  for (const setting of ["default_pipeline", "final_pipeline"]) {
    const pipeline = `_ingest/pipeline/${pipelineOf(application, setting)}`;
    // It is not there where storage has no such thing.
    await askStorage(application, "DELETE", pipeline).catch(() => {});
  }
  await company.close();
  await socket.close();
  await subscriber.close();
  await application.stop();
}

/** Stores a document, as JSON, without Kuzzle. */
export async function storePastKuzzle(
  application: TestApplication,
  target: Target,
  _id: string,
  document: string,
): Promise<void> {
  const path = `${aliasOf(target)}/_doc/${encodeURIComponent(_id)}`;
  // As it is: a pipeline of the collection changes the updates alone.
  await askStorage(application, "PUT", `${path}?pipeline=_none`, document);
}

/** Reads a document without Kuzzle, which may be unable to. */
export function readPastKuzzle(
  application: TestApplication,
  target: Target,
  _id: string,
): Promise<JSONObject> {
  const path = `${aliasOf(target)}/_doc/${encodeURIComponent(_id)}`;
  const wanted = "filter_path=_id,_version,_source";

  return askStorage(application, "GET", `${path}?${wanted}`).catch(() => ({}));
}

/** Tells whether storage knows a collection, whatever Kuzzle believes. */
export async function isStored(
  application: TestApplication,
  target: Target,
): Promise<boolean> {
  const url = `${application.elasticsearchUrl}/${aliasOf(target)}`;
  const { status } = await fetch(url, { method: "HEAD" });

  return status === 200;
}

async function deletePastKuzzle(
  application: TestApplication,
  target: Target,
): Promise<void> {
  const indices = await askStorage(application, "GET", aliasOf(target));
  for (const name of Object.keys(indices)) {
    await askStorage(application, "DELETE", encodeURIComponent(name));
  }
}

/**
 * Has storage add a field to every document of a collection.
 *
 * @returns whether it can: not every Elasticsearch has a node that runs pipelines, and processors
 */
async function addPipeline(
  application: TestApplication,
  target: Target,
  setting: string,
): Promise<boolean> {
  const pipeline = pipelineOf(application, setting);
  const processors = [{ set: { field: "setBy", value: setting } }];
  const alias = aliasOf(target);
  const succeeds = (method: string, path: string, body: JSONObject) =>
    askStorage(application, method, path, body).then(
      () => true,
      () => false,
    );
  const path = `_ingest/pipeline/${pipeline}`;
  const isThere = await succeeds("PUT", path, { processors });
  const settings = { [setting]: pipeline };
  await askStorage(application, "PUT", `${alias}/_settings`, settings);

  return isThere && (await succeeds("PUT", `${alias}/_doc/trial`, {}));
}

function pipelineOf({ suffix }: TestApplication, setting: string): string {
  return `${setting}-${suffix}`;
}

function aliasOf({ collection, index }: Target): string {
  return encodeURIComponent(`@&${index}.${collection}`);
}

/** @throws where storage answers an error */
async function askStorage(
  { elasticsearchUrl }: TestApplication,
  method: string,
  path: string,
  body?: JSONObject | string,
): Promise<JSONObject> {
  const response = await fetch(`${elasticsearchUrl}/${path}`, {
    body: typeof body === "object" ? JSON.stringify(body) : (body ?? null),
    headers: { "content-type": "application/json" },
    method,
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${text}`);
  }

  return JSON.parse(text) as JSONObject;
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
