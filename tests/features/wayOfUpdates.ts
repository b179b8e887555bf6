import { WebSocketClient } from "../support/WebSocketClient";

export type WayOfUpdates = "natively" | "by the plugin" | "in batches";

/** Sends native `document:update`s over WebSocket, and returns how they were handled. */
export async function wayOfUpdates(port: number): Promise<WayOfUpdates> {
  const client = await WebSocketClient.connect(port);
  const index = "interception";
  const target = { collection: "updates", index };
  const call = (controller: string, action: string, args: object = {}) =>
    client.call({ ...target, ...args, action, controller });

  try {
    await call("index", "create");
    await call("collection", "create");
    await call("document", "create", { _id: "one", body: {} });
    await call("realtime", "subscribe", { body: {} });
    // Which client of Elasticsearch is Kuzzle's own is known after the first one.
    for (const updated of [1, 2]) {
      await call("document", "update", { _id: "one", body: { updated } });
    }
    // A connection is served in order: what was notified before this answer has come when it does.
    await call("server", "now");
    const { body: stats } = await client.send({
      action: "stats",
      controller: "document-update",
    });

    // The application of Kuzzle's own makes others.
    const notified = client.notifications.find(
      ({ action }) => action === "update",
    );
    if (notified?.["protocol"] === "funnel") {
      return "by the plugin";
    }
    return stats["result"]?.batches.count > 0 ? "in batches" : "natively";
  } finally {
    await call("index", "delete");
    await client.close();
  }
}
