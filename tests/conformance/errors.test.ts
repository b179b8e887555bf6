import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";

import { root } from "../../scripts/paths.mjs";
import { modifyCases, optionCases } from "../change/changeCases";
import { tableOf } from "../support/markdown";
import type { ApiAnswer, ApiClient, ApiRequest } from "../support/request";
import { TestApplication } from "../support/TestApplication";

const PLUGIN = "plugin.document-update";

const page = readFileSync(`${root}docs/errors.md`, "utf8");

/** The `status` and the `id` of the errors that both actions have, by docs/errors.md. */
const documented = [
  ...tableOf(
    page,
    ...["error", "code", "status", "from"],
    ...["message", "meaning", "what to do"],
  )
    .filter(([, , , from = ""]) => /`(update|modify)`/.test(from))
    .map(([name, , status = ""]) => [
      status.split(" ")[0],
      `${PLUGIN}.${name}`,
    ]),
  ...tableOf(page, "status", "id", "when"),
].map(([status, id = ""]) => `${status} ${id.replaceAll("`", "")}`);

/** Other tests bring these about. */
const ELSEWHERE = [
  // Over each protocol: tests/change/changeCases.ts, requestKeys.ts.
  ...[...optionCases, ...modifyCases].flatMap(({ error = [] }) => error),
  `400 ${PLUGIN}.invalid_request_key`,
  `422 ${PLUGIN}.request_key_reused`,
  // tests/change/cutOff.ts, modifyEvents.ts
  `409 ${PLUGIN}.outcome_unknown`,
  `409 ${PLUGIN}.request_outcome_unknown`,
  `409 ${PLUGIN}.request_pending`,
  `409 ${PLUGIN}.changed_by_pipe`,
  // It takes a crowd: tests/contention.
  `503 ${PLUGIN}.timed_out`,
  `409 ${PLUGIN}.version_conflict`,
  `503 ${PLUGIN}.too_many_pending`,
  // It takes a Kuzzle that is not as expected: conditional.test.ts.
  `500 ${PLUGIN}.condition_lost`,
  `503 ${PLUGIN}.conditional_writes_unavailable`,
  `503 ${PLUGIN}.request_keys_unavailable`,
  // It takes a pipe or a mapping of its own: cases of the conformance suite.
  `500 ${PLUGIN}.invalid_pipe_result`,
  "400 services.storage.strict_mapping_rejection",
  "400 services.storage.unexpected_bad_request",
];

const guards = {
  immutable: ["owner"],
  readOnly: ["legacyId"],
  writableBy: { credit: ["accountant"] },
};

describe("the errors of docs/errors.md", () => {
  const seen = new Set<string>(ELSEWHERE);
  let application: TestApplication;
  let client: ApiClient;
  let update: ApiRequest;
  let admin: string;
  let powerless: string;

  before(async () => {
    application = await TestApplication.start({
      "kuzzle_plugins__document-update__guards": `*json:${JSON.stringify({ "*/errors*": guards })}`,
    });
    const target = await application.createCollection("errors");
    const _id = "there";
    await application.stage.call({
      ...target,
      _id,
      action: "create",
      body: { owner: "liia" },
      controller: "document",
    });
    await application.stage.call({
      ...target,
      action: "updateSpecifications",
      body: { fields: { state: { type: "string" } }, strict: false },
      controller: "collection",
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
      args: { refresh: "false" },
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
    [`400 ${PLUGIN}.invalid_argument`, { args: { ifVersion: "x" } }],
    ["400 validation.check.failed_field", { body: { state: 1 } }],
    ["404 services.storage.not_found", { _id: "none" }],
    ["412 services.storage.unknown_index", { index: "none" }],
    ["412 services.storage.unknown_collection", { collection: "none" }],
    [`412 ${PLUGIN}.version_mismatch`, { args: { ifVersion: 1000 } }],
    [`403 ${PLUGIN}.field_read_only`, { body: { legacyId: 1 } }],
    [`403 ${PLUGIN}.field_immutable`, { body: { owner: "tom" } }],
    [`403 ${PLUGIN}.field_forbidden`, { body: { credit: 1 } }],
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
    const requestId = "without a user";
    await asAdmin({
      action: "arm",
      args: { target: requestId },
      body: { "document:beforeUpdate": { dropsUser: true } },
      controller: "probe",
    });

    const answer = await asAdmin({ ...update, requestId });

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
    assert.deepEqual([...new Set(documented)].sort(), [...seen].sort());
  });
});
