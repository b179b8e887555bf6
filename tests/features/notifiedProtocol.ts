import { WebSocketClient } from "../support/WebSocketClient";

/**
 * Sends a native `document:update` over WebSocket, and returns the protocol that its notification
 * names: `funnel` where the plugin has made the update.
 */
export async function notifiedProtocol(port: number): Promise<unknown> {
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
    await call("document", "update", { _id: "one", body: { updated: true } });
    // A connection is served in order: what was notified before this answer has come when it does.
    await call("server", "now");

    return client.notifications.find(({ action }) => action === "update")?.[
      "protocol"
    ];
  } finally {
    await call("index", "delete");
    await client.close();
  }
}
