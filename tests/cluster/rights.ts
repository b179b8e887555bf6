import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import {
  closeEach,
  type Cluster,
  type NodeClients,
  type NodeNumber,
  nodeNumbers,
} from "../support/Cluster";
import type { Target } from "../support/request";
import { Stage } from "../support/Stage";
import { until } from "../support/until";
import { nodeOf } from "./everyNode";
import { type Controller, controllers } from "./setting";

const FORBIDDEN = "security.rights.forbidden";
const update = { actions: { update: true } };

const none = { server: { actions: { now: true } } };
const both = { document: update, "document-update": update };

/** Rights of users, and the controllers that let them update. */
const users: Record<
  string,
  { rights: JSONObject; may: readonly Controller[] }
> = {
  both: { may: controllers, rights: both },
  native: { may: ["document"], rights: { document: update } },
  none: { may: [], rights: none },
  // `checkRights` asks for the native right, too.
  plugin: { may: [], rights: { "document-update": update } },
};

export function rights(of: () => Cluster): void {
  describe("rights", () => {
    let clients: NodeClients;
    let target: Target;
    /** Tokens by the names of users. */
    const tokens = new Map<string, string>();

    before(async () => {
      const cluster = of();
      target = await cluster.createCollection("rights");
      await cluster.stage.call({
        ...target,
        _id: "taxi",
        action: "create",
        body: {},
        controller: "document",
      });
      clients = await cluster.connectEach();
      const created = Object.entries({ ...users, changing: { rights: none } });
      // At once, through nodes in turn: Kuzzle answers each step when Elasticsearch has refreshed.
      await Promise.all(
        created.map(async ([name, { rights }], position) => {
          const client = await cluster.connect(nodeOf(position));
          const stage = new Stage(cluster.suffix, client);
          tokens.set(name, await stage.createUser(name, rights));
          await client.close();
        }),
      );
      // Of the anonymous user, who has every right.
      await everyNode("document", null);
    });

    after(() => closeEach(clients));

    /** Updates through one node, and tells the identifier of the error, or null. */
    async function errorOf(
      number: NodeNumber,
      controller: Controller,
      jwt?: string,
    ): Promise<string | null> {
      const { body } = await clients[number].send({
        ...target,
        _id: "taxi",
        action: "update",
        body: { seats: 5 },
        controller,
        jwt,
      });
      return body["error"]?.id ?? null;
    }

    /** Waits until every node answers an update so. */
    function everyNode(
      controller: Controller,
      expected: string | null,
      jwt?: string,
    ): Promise<void> {
      return until(`${expected ?? "no error"} from every node`, async () => {
        const errors = await Promise.all(
          nodeNumbers.map((number) => errorOf(number, controller, jwt)),
        );
        return errors.every((error) => error === expected);
      });
    }

    for (const [name, { may }] of Object.entries(users)) {
      it(`every node lets a user with the rights "${name}" update by: ${may.join(", ") || "nothing"}`, async () => {
        for (const controller of controllers) {
          for (const number of nodeNumbers) {
            assert.equal(
              await errorOf(number, controller, tokens.get(name)),
              may.includes(controller) ? null : FORBIDDEN,
              `${controller} on node ${number}`,
            );
          }
        }
      });
    }

    it("a right that is given or taken through one node changes on every node", async () => {
      const everyUpdate = async (error: string | null): Promise<void> => {
        for (const controller of controllers) {
          await everyNode(controller, error, tokens.get("changing"));
        }
      };
      const grant = (through: NodeNumber, rights: JSONObject) =>
        clients[through].call({
          _id: `changing-${of().suffix}`,
          action: "createOrReplaceRole",
          body: { controllers: rights },
          controller: "security",
        });

      await everyUpdate(FORBIDDEN);
      await grant(2, both);
      await everyUpdate(null);
      await grant(3, none);
      await everyUpdate(FORBIDDEN);
    });
  });
}
