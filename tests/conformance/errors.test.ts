import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";

import { root } from "../../scripts/paths.mjs";
import { tableOf } from "../support/markdown";
import type { ApiAnswer, ApiClient, ApiRequest } from "../support/request";
import { TestApplication } from "../support/TestApplication";

/** The `status` and the `id` of the errors of docs/api/update.md. */
const documented = tableOf(
  readFileSync(`${root}docs/api/update.md`, "utf8"),
  "status",
  "id",
  "when",
).map(([status, id = ""]) => `${status} ${id.replaceAll("`", "")}`);

/** It takes a crowd to bring these about: they are among the tests of contention. */
const OF_A_CROWD = [
  "409 plugin.document-update.version_conflict",
  "503 plugin.document-update.too_many_pending",
];

describe("the errors of docs/api/update.md", () => {
  const seen = new Set<string>(OF_A_CROWD);
  let application: TestApplication;
  let client: ApiClient;
  let update: ApiRequest;
  let admin: string;
  let powerless: string;

  before(async () => {
    application = await TestApplication.start();
    const target = await application.createCollection("errors");
    const _id = "there";
    await application.stage.call({
      ...target,
      _id,
      action: "create",
      body: {},
      controller: "document",
    });
    const body = { seats: 5 };
    const controller = "document-update";
    update = { ...target, _id, action: "update", body, controller };
    admin = await application.createUser("admin", {
      "*": { actions: { "*": true } },
    });
    powerless = await application.createUser("powerless", {
      server: { actions: { now: true } },
    });
    client = await application.connect("websocket");
    await asAdmin({
      _id: "anonymous",
      action: "updateRole",
      args: { refresh: "wait_for" },
      body: { controllers: { auth: { actions: { "*": true } } } },
      controller: "security",
    });
  });

  after(async () => {
    await client.close();
    await application.stop();
  });

  const asAdmin = (request: ApiRequest): Promise<ApiAnswer> =>
    client.send({ ...request, jwt: admin });

  /** Notes an error that came about, and says which it was. */
  const errorOf = ({ body }: ApiAnswer): string => {
    const error = `${body["status"]} ${body["error"]?.id}`;
    seen.add(error);
    return error;
  };

  for (const [error, change] of [
    ["400 api.assert.missing_argument", { _id: undefined }],
    ["400 api.assert.invalid_type", { args: { silent: "yes" } }],
    ["400 api.assert.body_required", { body: undefined }],
    ["404 services.storage.not_found", { _id: "none" }],
    ["412 services.storage.unknown_index", { index: "none" }],
    ["412 services.storage.unknown_collection", { collection: "none" }],
  ] as const) {
    it(error, async () => {
      const answer = await asAdmin({ ...update, ...change });

      assert.equal(errorOf(answer), error);
    });
  }

  it("401 security.rights.unauthorized", async () => {
    const answer = await client.send(update);

    assert.equal(errorOf(answer), "401 security.rights.unauthorized");
  });

  it("403 security.rights.forbidden", async () => {
    const answer = await client.send({ ...update, jwt: powerless });

    assert.equal(errorOf(answer), "403 security.rights.forbidden");
  });

  it("401 plugin.document-update.user_required", async () => {
    const answer = await asAdmin({
      ...update,
      action: "updateAs",
      controller: "probe",
    });

    const error = "401 plugin.document-update.user_required";
    assert.equal(errorOf(answer), error);
  });

  it("404 security.user.not_found", async () => {
    const answer = await asAdmin({
      ...update,
      action: "updateAs",
      args: { kuid: "nobody" },
      controller: "probe",
    });

    assert.equal(errorOf(answer), "404 security.user.not_found");
  });

  it("500 services.storage.unexpected_error", async () => {
    const { collection, index } = update;
    const alias = encodeURIComponent(
      `@&${String(index)}.${String(collection)}`,
    );
    const response = await fetch(
      `${application.elasticsearchUrl}/${alias}/_settings`,
      {
        // What Elasticsearch does where the disk is full.
        body: JSON.stringify({ "index.blocks.read_only_allow_delete": true }),
        headers: { "content-type": "application/json" },
        method: "PUT",
      },
    );
    assert.ok(response.ok, await response.text());

    const answer = await asAdmin(update);

    assert.equal(errorOf(answer), "500 services.storage.unexpected_error");
  });

  it("are those that came about", () => {
    assert.deepEqual([...documented].sort(), [...seen].sort());
  });
});
