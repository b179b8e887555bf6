import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { DocumentUpdateController } from "kuzzle-plugin-document-update/client";
import type { JSONObject, Kuzzle } from "kuzzle-sdk";

import { stored } from "../change/setting";
import { requireClient, requireSdk } from "../support/project";
import type { Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";

/** Each of whom increments a counter in its own code. */
const CLIENTS = 4;

/** @param of an application that intercepts */
export function sdk(of: () => TestApplication): void {
  for (const protocol of ["WebSocket", "Http"] as const) {
    describe(`kuzzle-sdk over ${protocol}`, () => {
      const clients: Kuzzle[] = [];
      let target: Target;
      before(async () => {
        const name = `sdk-${protocol}`.toLowerCase();
        target = await of().createCollection(name);
      });
      after(() => clients.forEach((client) => client.disconnect()));

      const connect = async () => {
        const library = requireSdk();
        const { port } = of();
        const client = new library.Kuzzle(
          new library[protocol]("127.0.0.1", { port }),
        );
        client.useController(
          requireClient().DocumentUpdateController,
          "documentUpdate",
        );
        await client.connect();
        clients.push(client);
        const { documentUpdate } = client as unknown as {
          documentUpdate: DocumentUpdateController;
        };
        return { client, documentUpdate };
      };

      it("updates by document.update and by documentUpdate.update, with the same result", async () => {
        const { client, documentUpdate } = await connect();
        const { _id, collection, index } = await stored(
          of(),
          target,
          "update",
          {
            n: 1,
          },
        );

        const native = await client.document.update(index, collection, _id, {
          n: 2,
        });
        const ours = await documentUpdate.update(index, collection, _id, {
          n: 3,
        });

        assert.deepEqual(withoutTimes(ours), {
          ...withoutTimes(native),
          _version: 3,
          n: 3,
        });
        assert.equal(native._version, 2);
      });

      it("modifies, and rejects with the plugin's errors", async () => {
        const { documentUpdate } = await connect();
        const { _id, collection, index } = await stored(
          of(),
          target,
          "modify",
          {
            n: 1,
          },
        );
        const operators = { increment: { n: 1 } };
        const modify = (ifVersion: number) =>
          documentUpdate.modify(
            index,
            collection,
            _id,
            { operators },
            { ifVersion, source: true },
          );

        const { _source, _updatedFields, _version } = await modify(1);

        assert.equal((_source as JSONObject)["n"], 2);
        assert.deepEqual([_updatedFields, _version], [["n"], 2]);
        await assert.rejects(modify(1), {
          id: "plugin.document-update.version_mismatch",
          status: 412,
        });
      });

      it("computes in the client's code by updateWithRetry, and overwrites nothing", async () => {
        const { _id, collection, index } = await stored(of(), target, "retry", {
          n: 0,
        });

        await Promise.all(
          Array.from({ length: CLIENTS }, async () => {
            const { documentUpdate } = await connect();
            await documentUpdate.updateWithRetry<{ n: number }>(
              index,
              collection,
              _id,
              ({ _source }) => ({ n: _source.n + 1 }),
              { retries: CLIENTS },
            );
          }),
        );

        const { client } = await connect();
        const { _source, _version } = await client.document.get(
          index,
          collection,
          _id,
        );
        assert.equal(_source["n"], CLIENTS);
        assert.equal(_version, CLIENTS + 1);
      });
    });
  }
}

/** A result in one object, without the instants in it. */
function withoutTimes({ _source, ...rest }: object & { _source?: unknown }) {
  const { _kuzzle_info, ...content } = _source as JSONObject;

  return { ...rest, ...content, metadata: Object.keys(_kuzzle_info) };
}
