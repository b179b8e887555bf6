import { WebSocketClient } from "../support/WebSocketClient";

export type WayOfUpdates = "natively" | "by the plugin";

/** Sends a native `document:update` over WebSocket, and returns how it was handled. */
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
    await call("document", "update", { _id: "one", body: { updated: 1 } });
    const { body: stats } = await client.send({
      action: "stats",
      controller: "document-update",
    });

    // Where there is no plugin, there is no such action.
    return stats["result"]?.batches.count > 0 ? "by the plugin" : "natively";
  } finally {
    await call("index", "delete");
    await client.close();
  }
}
