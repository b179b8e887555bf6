import type { JSONObject } from "kuzzle-sdk";

import type { WebSocketClient } from "../support/WebSocketClient";

/** Password of every user. */
export const PASSWORD = "taxi";

/** Creates a user with a role of their own. */
export async function createUser(
  stage: WebSocketClient,
  _id: string,
  rights: JSONObject,
): Promise<void> {
  for (const [action, body] of [
    ["createOrReplaceRole", { controllers: rights }],
    ["createOrReplaceProfile", { policies: [{ roleId: _id }] }],
    [
      "createUser",
      {
        content: { profileIds: [_id] },
        credentials: { local: { password: PASSWORD, username: _id } },
      },
    ],
  ] as const) {
    await stage.call({
      _id,
      action,
      args: { refresh: "wait_for" },
      body,
      controller: "security",
    });
  }
}

/** Logs a user in, and returns the token. */
export async function login(
  stage: WebSocketClient,
  username: string,
): Promise<string> {
  const { jwt } = await stage.call({
    action: "login",
    args: { strategy: "local" },
    body: { password: PASSWORD, username },
    controller: "auth",
  });

  return jwt;
}
