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
import { until } from "../support/until";

const FORBIDDEN = "security.rights.forbidden";
const update = { actions: { update: true } };

const none = { server: { actions: { now: true } } };
const both = { document: update, "document-update": update };

/** Rights of users, and what each of them gets from each controller. */
const users: Record<string, { rights: JSONObject; may: readonly string[] }> = {
  both: {
    may: ["document", "document-update"],
    rights: both,
  },
  native: { may: ["document"], rights: { document: update } },
  none: { may: [], rights: none },
  // `checkRights` asks for the native right, too.
  plugin: { may: [], rights: { "document-update": update } },
};

export function rights(of: () => Cluster, controller: string): void {
  describe("rights", () => {
    const suffixed = (name: string) => `${name}-${controller}`;
    let clients: NodeClients;
    let target: Target;

    before(async () => {
      const cluster = of();
      target = await cluster.createCollection(suffixed("rights"));
      await cluster.stage.call({
        ...target,
        _id: "taxi",
        action: "create",
        body: {},
        controller: "document",
      });
      clients = await cluster.connectEach();
      for (const number of nodeNumbers) {
        await until(
          `the collection on node ${number}`,
          async () => (await errorOf(number)) === null,
        );
      }
    });

    after(() => closeEach(clients));

    /** Updates through one node, and tells the identifier of the error, or null. */
    async function errorOf(
      number: NodeNumber,
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

    for (const [name, { may, rights }] of Object.entries(users)) {
      const allowed = may.includes(controller);
      it(`every node ${allowed ? "accepts" : "refuses"} a user with the rights "${name}"`, async () => {
        const jwt = await of().createUser(suffixed(name), rights);

        for (const number of nodeNumbers) {
          assert.equal(await errorOf(number, jwt), allowed ? null : FORBIDDEN);
        }
      });
    }

    it("a right that is given or taken through one node changes on every node", async () => {
      const jwt = await of().createUser(suffixed("changing"), none);
      const grant = (through: NodeNumber, controllers: JSONObject) =>
        clients[through].call({
          _id: suffixed("changing") + `-${of().suffix}`,
          action: "createOrReplaceRole",
          body: { controllers },
          controller: "security",
        });
      const everyNode = (error: string | null) =>
        until(`${error ?? "no error"} from every node`, async () => {
          for (const number of nodeNumbers) {
            if ((await errorOf(number, jwt)) !== error) {
              return false;
            }
          }
          return true;
        });

      await everyNode(FORBIDDEN);
      await grant(2, both);
      await everyNode(null);
      await grant(3, none);
      await everyNode(FORBIDDEN);
    });
  });
}
