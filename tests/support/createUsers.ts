import type { JSONObject } from "kuzzle-sdk";

import { Stage } from "./Stage";
import type { TestApplication } from "./TestApplication";
import { WebSocketClient } from "./WebSocketClient";

/**
 * Creates users at the same time: each waits for refreshes of storage.
 *
 * @param rights of each user, by its name
 * @returns their tokens, by their names
 */
export async function createUsers<TName extends string>(
  { port, suffix }: TestApplication,
  rights: Readonly<Record<TName, JSONObject>>,
): Promise<Record<TName, string>> {
  const tokens = await Promise.all(
    Object.entries<JSONObject>(rights).map(async ([name, controllers]) => {
      const client = await WebSocketClient.connect(port);
      const stage = new Stage(suffix, client);
      const jwt = await stage.createUser(name, controllers);
      await client.close();
      return [name, jwt] as const;
    }),
  );

  return Object.fromEntries(tokens) as Record<TName, string>;
}
