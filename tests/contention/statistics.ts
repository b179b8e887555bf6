import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import type { TestApplication } from "../support/TestApplication";
import { createDocument, statsOf } from "./setting";

const PATH = "/_/document-update/_stats";

/** To be run after others, which had something to count. */
export function statistics(of: () => TestApplication): void {
  describe("statistics", () => {
    const url = (query = "") => `http://127.0.0.1:${of().port}${PATH}${query}`;

    it("count what the update action has done", async () => {
      const application = of();
      const target = await application.createCollection("counted");
      await createDocument(application, target, "there");
      const before = await statsOf(application);
      for (const _id of ["there", "missing", "missing"]) {
        await application.stage.send({
          ...target,
          _id,
          action: "update",
          body: {},
          controller: "document-update",
        });
      }
      const stats = await statsOf(application);

      const id = "services.storage.not_found";
      assert.equal(stats.updates, before.updates + 3);
      assert.equal(stats.failures[id], (before.failures[id] ?? 0) + 2);
      assert.equal(stats.writeDuration.count, before.writeDuration.count + 3);
      assert.ok(stats.queues.longestEver > 0);
      assert.ok(stats.folds.count > 0);
    });

    it("are the same over HTTP as over WebSocket", async () => {
      const answer = await fetch(url());
      const { result, status } = (await answer.json()) as JSONObject;

      assert.equal(status, 200);
      assert.deepEqual(result, await statsOf(of()));
    });

    it("are Prometheus's text format over HTTP, and that text in the answer over other protocols", async () => {
      const response = await fetch(url("?format=prometheus"));
      const { body } = await of().stage.send({
        action: "stats",
        args: { format: "prometheus" },
        controller: "document-update",
      });

      assert.equal(response.status, 200);
      assert.equal(
        response.headers.get("content-type"),
        "text/plain; version=0.0.4",
      );
      assert.equal(body["error"], null);
      assert.equal(await response.text(), body["result"]);
      const { updates } = await statsOf(of());
      const line = `kuzzle_document_update_updates_total ${updates}`;
      assert.ok(String(body["result"]).split("\n").includes(line));
    });

    it("are refused to a user without the right", async () => {
      const jwt = await of().createUser("curious", {
        "document-update": { actions: { update: true } },
      });

      const answer = await fetch(url(), {
        headers: { authorization: `Bearer ${jwt}` },
      });
      assert.equal(answer.status, 403);
      const { error } = (await answer.json()) as JSONObject;
      assert.equal(error.id, "security.rights.forbidden");
      const [controller, action] = error.props;
      assert.deepEqual([controller, action], ["document-update", "stats"]);
    });

    it("are in the application's OpenAPI", async () => {
      const answer = await fetch(
        `http://127.0.0.1:${of().port}/_openapi?scope=app`,
      );
      const { paths } = (await answer.json()) as { paths: JSONObject };

      assert.deepEqual(Object.keys(paths[PATH]), ["get"]);
      assert.ok(paths[PATH].get.responses["200"].content["text/plain"]);
    });
  });
}
