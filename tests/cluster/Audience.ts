import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import type { JSONObject } from "kuzzle-sdk";

import {
  closeEach,
  type Cluster,
  type NodeClients,
  type NodeNumber,
  nodeNumbers,
} from "../support/Cluster";
import { type ApiRequest, DEADLINE_MS, type Target } from "../support/request";
import { until } from "../support/until";
import type { Controller } from "./setting";

/**
 * Parts of a notification that are of its moment, or of the way it came: Kuzzle names the node where
 * the update was made to the subscribers of other nodes alone.
 */
const PASSING = ["node", "room", "timestamp", "volatile"];
const VERSION_MISMATCH = "plugin.document-update.version_mismatch";

/** A client of each node, subscribed to a collection that they update. */
export class Audience {
  readonly #clients: NodeClients;
  readonly #target: Target;
  #documents = 0;

  private constructor(clients: NodeClients, target: Target) {
    this.#clients = clients;
    this.#target = target;
  }

  static async gather(cluster: Cluster): Promise<Audience> {
    const audience = new Audience(
      await cluster.connectEach(),
      await cluster.createCollection(`audience-${randomUUID()}`),
    );
    await audience.#settle();

    return audience;
  }

  /**
   * Updates a document through one node, and checks what the subscriber of each node hears.
   *
   * @param controller whose action makes the updates
   */
  async assertNotified(
    controller: Controller,
    from: NodeNumber,
  ): Promise<void> {
    const _id = await this.#create();
    const first = await this.#update(controller, from, _id, { seats: 1 });
    const second = await this.#update(controller, from, _id, { seats: 2 });
    const expected = [first, second].map(({ requestId, result }, position) => ({
      ...this.#target,
      action: "update",
      controller: "document",
      event: "write",
      protocol: "websocket",
      requestId,
      result: {
        _id,
        _source: {
          _kuzzle_info: result._source._kuzzle_info,
          kept: true,
          seats: position + 1,
        },
        _updatedFields: ["seats"],
      },
      scope: "in",
      status: 200,
      type: "document",
    }));

    for (const node of nodeNumbers) {
      const heard = () =>
        this.#clients[node].notifications.filter(
          ({ action, result }) => action === "update" && result._id === _id,
        );
      await until(
        `two notifications on node ${node}`,
        async () => heard().length > 1,
        DEADLINE_MS,
      );
      assert.deepEqual(
        { heard: heard().map(lasting), node },
        { heard: expected, node },
      );
    }
  }

  /** Tells whether a node intercepts: natively, an update ignores the version that it is of. */
  async isIntercepted(node: NodeNumber): Promise<boolean> {
    const { body } = await this.#clients[node].send({
      ...this.#target,
      _id: await this.#create(),
      action: "update",
      args: { ifVersion: 2 },
      body: { seats: 1 },
      controller: "document",
    });
    assert.ok([null, VERSION_MISMATCH].includes(body["error"]?.id ?? null));

    return body["error"] !== null;
  }

  async close(): Promise<void> {
    await closeEach(this.#clients);
  }

  /** Nodes learn of a collection, and of a subscription, a moment after it is made. */
  async #settle(): Promise<void> {
    for (const number of nodeNumbers) {
      await until(`a subscription on node ${number}`, async () => {
        const { body } = await this.#clients[number].send({
          ...this.#target,
          action: "subscribe",
          body: {},
          controller: "realtime",
        });
        return body["error"] === null;
      });
    }
    const _id = await this.#create();
    for (const from of nodeNumbers) {
      await until(`notifications of node ${from} everywhere`, async () => {
        await this.#update("document-update", from, _id, { from });
        return nodeNumbers.every((number) =>
          this.#clients[number].notifications.some(
            ({ result }) => result._source.from === from,
          ),
        );
      });
    }
  }

  async #create(): Promise<string> {
    const _id = `document-${++this.#documents}`;
    await this.#answered(1, {
      _id,
      action: "create",
      body: { kept: true },
      controller: "document",
    });

    return _id;
  }

  #update(
    controller: Controller,
    from: NodeNumber,
    _id: string,
    body: JSONObject,
  ): Promise<JSONObject> {
    return this.#answered(from, { _id, action: "update", body, controller });
  }

  async #answered(to: NodeNumber, request: ApiRequest): Promise<JSONObject> {
    const { body } = await this.#clients[to].send({
      ...this.#target,
      ...request,
    });
    assert.equal(body["error"], null);

    return body;
  }
}

function lasting(notification: JSONObject): JSONObject {
  return Object.fromEntries(
    Object.entries(notification).filter(([key]) => !PASSING.includes(key)),
  );
}
