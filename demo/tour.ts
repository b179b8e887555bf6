// Run by `npm start`: sends updates over three protocols, and checks each answer. With `--next`, after
// the ports, it prints commands to try at the end.
import { isDeepStrictEqual } from "node:util";

import {
  type DocumentNotification,
  type JSONObject,
  Kuzzle,
  WebSocket,
} from "kuzzle-sdk";
import { DocumentUpdateController } from "kuzzle-plugin-document-update/client";
import { connectAsync } from "mqtt";

import { nextSteps } from "./nextSteps";
import { sample } from "./sampleData";

const [port = 7512, mqttPort = 1883] = process.argv.slice(2, 4).map(Number);
const hasNext = process.argv[4] === "--next";
const { collection, document, index } = sample;
const target = { _id: document._id, collection, index };
const notifications: JSONObject[] = [];
let wrong = 0;

async function main(): Promise<void> {
  const subscriber = new Kuzzle(new WebSocket("localhost", { port }));
  await subscriber.connect();
  // The user may have changed the sample since the last tour.
  await subscriber.document.createOrReplace(
    index,
    collection,
    document._id,
    document.body,
  );
  await subscriber.realtime.subscribe(index, collection, {}, (notification) => {
    notifications.push((notification as DocumentNotification).result);
  });
  console.log(
    `\nA client is subscribed to ${index}/${collection} over WebSocket.`,
  );

  await show("HTTP", "PATCH, the changes come back", { seats: 5 }, overHttp, {
    notified: true,
  });
  await show(
    "WebSocket",
    "with source, the whole document comes back",
    { seats: 6 },
    overWebSocket,
    { notified: true, whole: true },
  );
  await show(
    "MQTT",
    "with silent, nobody is notified",
    { seats: 7 },
    overMqtt,
    { notified: false },
  );

  subscriber.disconnect();
  if (hasNext) {
    console.log(`\nTry next:\n\n${nextSteps(port).join("\n\n")}\n`);
  }
  process.exitCode = wrong === 0 ? 0 : 1;

  /** Sends one update, prints the answer, and checks it. */
  async function show(
    protocol: string,
    what: string,
    changes: JSONObject,
    update: (changes: JSONObject) => Promise<JSONObject>,
    expected: { notified: boolean; whole?: boolean },
  ): Promise<void> {
    notifications.length = 0;
    const { _source, _version } = await update(changes);
    // A connection is served in order: once this request is answered, the notifications have arrived.
    await subscriber.query({ action: "now", controller: "server" });
    const content = { ..._source };
    delete content["_kuzzle_info"];

    console.log(`\n${protocol}: ${what}`);
    console.log(`  sent          ${JSON.stringify(changes)}`);
    console.log(
      `  answer        _version ${_version}, _source ${JSON.stringify(content)}`,
    );
    console.log(
      `  notification  ${notifications.map(({ _updatedFields }) => `update of ${_updatedFields}`).join() || "none"}`,
    );

    check(
      "answer",
      content,
      expected.whole ? { ...document.body, ...changes } : changes,
    );
    check(
      "number of notifications",
      notifications.length,
      expected.notified ? 1 : 0,
    );
  }
}

function check(what: string, found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected)) {
    wrong++;
    console.error(
      `  ✖ ${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`,
    );
  }
}

async function overHttp(changes: JSONObject): Promise<JSONObject> {
  const url = `http://localhost:${port}/_/document-update/${index}/${collection}/${target._id}/_update`;
  const response = await fetch(url, {
    body: JSON.stringify(changes),
    headers: { "content-type": "application/json" },
    method: "PATCH",
  });

  return resultOf((await response.json()) as JSONObject);
}

async function overWebSocket(changes: JSONObject): Promise<JSONObject> {
  const kuzzle = new Kuzzle(new WebSocket("localhost", { port }));
  kuzzle.useController(DocumentUpdateController, "documentUpdate");
  const { documentUpdate } = kuzzle as Kuzzle & {
    documentUpdate: DocumentUpdateController;
  };
  await kuzzle.connect();
  const updated = await documentUpdate.update(
    index,
    collection,
    target._id,
    changes,
    { source: true },
  );
  kuzzle.disconnect();

  return updated;
}

async function overMqtt(changes: JSONObject): Promise<JSONObject> {
  const client = await connectAsync(`mqtt://localhost:${mqttPort}`);
  await client.subscribeAsync("Kuzzle/response");
  const answer = new Promise<JSONObject>((resolve) =>
    client.once("message", (_topic, payload) =>
      resolve(JSON.parse(payload.toString())),
    ),
  );
  const request = {
    ...target,
    action: "update",
    body: changes,
    controller: "document-update",
    silent: true,
  };
  await client.publishAsync("Kuzzle/request", JSON.stringify(request));
  const result = resultOf(await answer);
  await client.endAsync();

  return result;
}

function resultOf({ error, result }: JSONObject): JSONObject {
  if (error) {
    throw new Error(error.message);
  }

  return result;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
