import type { JSONObject } from "kuzzle-sdk";

import type { WebSocketClient } from "./WebSocketClient";

const PASSWORD = "a password for tests";

/** Creates what tests act on, in the Kuzzle that a client is connected to. */
export class Stage {
  /** Suffix of all that these tests create. */
  readonly suffix: string;
  /** Sets the stage, as the anonymous user, who has every right at first. */
  readonly stage: WebSocketClient;
  /** Token with which users are created, once the anonymous user may not any more. */
  jwt: string | null = null;

  constructor(suffix: string, stage: WebSocketClient) {
    this.suffix = suffix;
    this.stage = stage;
  }

  /** Creates a collection and returns its index and name. */
  async createCollection(
    name: string,
    definition: JSONObject = {},
    indexName = "tests",
  ): Promise<{ index: string; collection: string }> {
    const index = `${indexName}-${this.suffix}`;
    const collection = `${name}-${this.suffix}`;
    if (
      !(await this.stage.call({ action: "exists", controller: "index", index }))
    ) {
      await this.stage.call({ action: "create", controller: "index", index });
    }
    await this.stage.call({
      action: "create",
      body: definition,
      collection,
      controller: "collection",
      index,
    });

    return { collection, index };
  }

  /** Creates a user with these rights, and returns its token. */
  async createUser(
    name: string,
    rights: JSONObject,
    restrictedTo?: readonly JSONObject[],
  ): Promise<string> {
    const _id = `${name}-${this.suffix}`;
    const call = (action: string, body: JSONObject) =>
      this.stage.call({
        _id,
        action,
        // A login searches for the credentials of its user. To wait takes a second each time.
        args: { refresh: action === "createUser" ? "wait_for" : "false" },
        body,
        controller: "security",
        jwt: this.jwt,
      });

    await call("createRole", { controllers: rights });
    await call("createProfile", {
      policies: [{ roleId: _id, ...(restrictedTo && { restrictedTo }) }],
    });
    await call("createUser", {
      content: { profileIds: [_id] },
      credentials: { local: { password: PASSWORD, username: _id } },
    });

    return this.login(name);
  }

  /** Creates users with these rights, and returns their tokens, all by the users' names. */
  async createUsers<TName extends string>(
    rights: Readonly<Record<TName, JSONObject>>,
  ): Promise<Record<TName, string>> {
    const tokens: Record<string, string> = {};
    for (const [name, each] of Object.entries<JSONObject>(rights)) {
      tokens[name] = await this.createUser(name, each);
    }

    return tokens;
  }

  /** Logs a created user in, and returns its token. */
  async login(
    name: string,
    args: Record<string, unknown> = {},
  ): Promise<string> {
    const { jwt } = await this.stage.call({
      action: "login",
      args: { strategy: "local", ...args },
      body: { password: PASSWORD, username: `${name}-${this.suffix}` },
      controller: "auth",
    });

    return String(jwt);
  }
}
