import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import { tableOf } from "../support/markdown";
import type { ApiRequest, Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { errorOf, stored } from "./setting";

/** By the kind of the guard, as the table of docs/guards.md names it. */
const KINDS = {
  immutable: "field_immutable",
  readOnly: "field_read_only",
  writableBy: "field_forbidden",
} as const;

type Kind = keyof typeof KINDS;

/** The guards that the applications of these tests have, by collections. */
export const GUARDS = {
  "*/guarded-exempt*": { writableBy: { "a.b": ["anonymous"] } },
  "*/guarded-immutable*": { immutable: ["secret"] },
  "*/guarded-nested*": { readOnly: ["a.b"] },
  "*/guarded-readonly*": { readOnly: ["secret"] },
  "*/guarded-starred*": { readOnly: ["*.b"] },
  "*/guarded-whole*": { readOnly: ["a.*"] },
  "*/guarded-writableby*": {
    writableBy: { paid: ["anonymous"], secret: ["accountant"] },
  },
};

const CONTENT = { open: 1, secret: 1 };

type Document = Target & { readonly _id: string };
type Attempt = (document: Document) => ApiRequest;

const byQuery = { query: { ids: { values: ["target"] } } };
const changed = { ...CONTENT, secret: 2 };
const line = { _id: "target", body: changed };

const document = (action: string, body: JSONObject): Attempt =>
  byId("document", action, body);

/** By the row of the table: how a client tries to change the guarded field of a document. */
const attempts: Readonly<Record<string, Attempt>> = {
  "`document-update:update`": byId("document-update", "update", { secret: 2 }),
  "`document-update:modify`": byId("document-update", "modify", {
    operators: { increment: { secret: 1 } },
  }),
  "`document:update`, intercepted": document("update", { secret: 2 }),
  "`document:update`": document("update", { secret: 2 }),
  "`document:mUpdate`": document("mUpdate", {
    documents: [{ _id: "target", body: { secret: 2 } }],
  }),
  "`document:upsert`": document("upsert", { changes: { secret: 2 } }),
  "`document:mUpsert`": document("mUpsert", {
    documents: [{ _id: "target", changes: { secret: 2 } }],
  }),
  "`document:replace`": document("replace", changed),
  "`document:mReplace`": document("mReplace", { documents: [line] }),
  "`document:createOrReplace`": document("createOrReplace", { open: 1 }),
  "`document:mCreateOrReplace`": document("mCreateOrReplace", {
    documents: [line],
  }),
  "`document:deleteFields`": document("deleteFields", { fields: ["secret"] }),
  "`document:create`": document("create", changed),
  "`document:mCreate`": document("mCreate", { documents: [line] }),
  "`document:updateByQuery`": document("updateByQuery", {
    changes: { secret: 2 },
    ...byQuery,
  }),
  "`document:delete`": document("delete", {}),
  "`document:mDelete`": document("mDelete", { ids: ["target"] }),
  "`document:deleteByQuery`": document("deleteByQuery", byQuery),
  "`bulk:import`": byId("bulk", "import", {
    bulkData: [{ update: { _id: "target" } }, { doc: { secret: 2 } }],
  }),
  "`bulk:write`": byId("bulk", "write", changed),
  "`bulk:mWrite`": byId("bulk", "mWrite", { documents: [line] }),
  "`bulk:updateByQuery`": byId("bulk", "updateByQuery", {
    changes: { secret: 2 },
    ...byQuery,
  }),
  "`bulk:deleteByQuery`": byId("bulk", "deleteByQuery", byQuery),
  "`collection:truncate`": byId("collection", "truncate", {}),
  "`collection:delete`": byId("collection", "delete", {}),
  "`index:delete`": byId("index", "delete", {}),
  "`index:mDelete`": ({ index }) => ({
    action: "mDelete",
    body: { indexes: [index] },
    controller: "index",
  }),
  "`admin:loadFixtures`": ({ collection, index }) => ({
    action: "loadFixtures",
    body: {
      [String(index)]: {
        [String(collection)]: [{ index: { _id: "target" } }, changed],
      },
    },
    controller: "admin",
  }),
  "`document:update` by server code": (target) => ({
    ...target,
    action: "updateAs",
    args: { isNative: true, kuid: "-1" },
    body: { secret: 2 },
    controller: "probe",
  }),
};

function byId(controller: string, action: string, body: JSONObject): Attempt {
  return (target) => ({ ...target, action, body, controller });
}

const rows = tableOf(
  readFileSync("docs/guards.md", "utf8"),
  "action",
  "`readOnly`",
  "`writableBy`",
  "`immutable`",
);

/** Tries the attempts for which the table promises an outcome. */
function tried(
  natively: () => TestApplication,
  intercepting: () => TestApplication,
  outcome: "held" | "gets past",
): void {
  for (const [row = "", ...promised] of rows) {
    for (const [place, kind] of (
      ["readOnly", "writableBy", "immutable"] as const
    ).entries()) {
      if (promised[place] !== outcome) {
        continue;
      }
      it(`${kind}, ${row}: ${outcome}`, async (test) => {
        if (BY_QUERY.test(row) && !(await hasByQuery(natively()))) {
          test.skip("This Elasticsearch has no module for its requests.");
          return;
        }
        const of = row.includes("intercepted") ? intercepting() : natively();
        assert.equal(await outcomeOf(of, row, kind), outcome);
      });
    }
  }
}

/** What guards do not hold up. */
export function unguarded(
  natively: () => TestApplication,
  intercepting: () => TestApplication,
): void {
  describe("guards", () => {
    it("are tried by each row of the table", () => {
      assert.deepEqual(
        rows.map(([row]) => row),
        Object.keys(attempts),
      );
    });

    tried(natively, intercepting, "gets past");
  });
}

export function guards(
  natively: () => TestApplication,
  intercepting: () => TestApplication,
): void {
  describe("guards", () => {
    tried(natively, intercepting, "held");

    for (const protocol of ["http", "websocket", "mqtt"] as const) {
      it(`hold for a native update that is intercepted, over ${protocol}`, async () => {
        const of = intercepting();
        const client = await of.connect(protocol);
        after(() => client.close());
        for (const [kind, error] of Object.entries(KINDS)) {
          const name = `guarded-${kind.toLowerCase()}-${protocol}`;
          const target = await of.createCollection(name);
          const guarded = await stored(of, target, "target", CONTENT);
          const update = (body: JSONObject) =>
            client.send({
              ...guarded,
              action: "update",
              body,
              controller: "document",
            });

          const refused = await update({ open: 2, secret: 2 });
          assert.equal(errorOf(refused), `403 plugin.document-update.${error}`);
          assert.deepEqual(refused.body["error"].props, [
            ...[target.index, target.collection, "target", "secret"],
          ]);
          assert.equal(errorOf(await update({ open: 3 })), null);
          assert.deepEqual(await sourceOf(of, guarded), {
            ...CONTENT,
            open: 3,
          });
        }
      });
    }

    it("let a user of one of the profiles write, and a document be created", async () => {
      const target = await natively().createCollection("guarded-writableby-1");
      const guarded = await stored(natively(), target, "target", CONTENT);
      for (const [action, body] of [
        ["update", { paid: 1 }],
        ["mUpdate", { documents: [{ _id: "target", body: { paid: 2 } }] }],
        ["replace", { ...CONTENT, paid: 3 }],
        ["upsert", { changes: { paid: 4 } }],
      ] as const) {
        const answer = await natively().stage.send(
          document(action, body)(guarded),
        );
        assert.equal(errorOf(answer), null, action);
      }
      assert.deepEqual(await sourceOf(natively(), guarded), {
        ...CONTENT,
        paid: 4,
      });

      for (const [action, _id, body] of [
        ["create", "one", CONTENT],
        ["createOrReplace", "two", CONTENT],
        ["upsert", "three", { changes: { open: 1 }, default: { secret: 1 } }],
        ["upsert", "four", { changes: CONTENT }],
      ] as const) {
        const created = { ...target, _id };
        const answer = await natively().stage.send(
          document(action, body)(created),
        );
        assert.equal(errorOf(answer), null, _id);
        assert.deepEqual(await sourceOf(natively(), created), CONTENT);
      }
    });

    it("refuse integers that JavaScript cannot tell from others", async () => {
      const target = await natively().createCollection(
        "guarded-immutable-large",
      );
      const content = { secret: 2 ** 53 };
      const guarded = await stored(natively(), target, "target", content);
      const client = await natively().connect("http");

      for (const written of ["9007199254740993", "9007199254740992"]) {
        const answer = await client.send({
          ...guarded,
          action: "update",
          controller: "document-update",
          http: { rawBody: `{"secret":${written}}` },
        });
        const error = "403 plugin.document-update.field_immutable";
        assert.equal(errorOf(answer), error, written);
      }
      assert.deepEqual(await sourceOf(natively(), guarded), content);
    });

    it("let a replacement write a guarded field in another way", async () => {
      const target = await natively().createCollection("guarded-nested-dotted");
      const content = { "a.b": 1 };
      const guarded = await stored(natively(), target, "target", content);

      const answer = await natively().stage.send(
        document("replace", { a: { b: 1 } })(guarded),
      );

      assert.equal(errorOf(answer), null);
    });

    it("cost no read for a user who is exempt", async () => {
      const target = await intercepting().createCollection("guarded-exempt");
      const guarded = await stored(intercepting(), target, "target", CONTENT);
      const { stage } = intercepting();
      const sent = () =>
        stage.call({
          action: "sent",
          args: { text: target.collection },
          controller: "storage-probe",
        });
      await sent();

      const answer = await stage.send({
        ...guarded,
        action: "update",
        body: { a: { b: 2 } },
        controller: "document-update",
      });

      assert.equal(errorOf(answer), null);
      const paths = ((await sent()) as { path: string }[]).map(
        ({ path }) => path,
      );
      assert.deepEqual(
        paths.filter((path) => /\/_(doc|mget|source)\b/.test(path)),
        [],
      );
    });

    it("apply to the plugin's action for the user on whose behalf server code calls it", async () => {
      const target = await natively().createCollection("guarded-readonly-as");
      const guarded = await stored(natively(), target, "target", CONTENT);

      const answer = await natively().stage.send({
        ...guarded,
        action: "updateAs",
        args: { kuid: "-1" },
        body: { secret: 2 },
        controller: "probe",
      });

      assert.equal(
        errorOf(answer),
        "403 plugin.document-update.field_read_only",
      );
    });
  });
}

/** Whether the guarded field is as it was after an attempt to change it. */
async function outcomeOf(
  of: TestApplication,
  row: string,
  kind: Kind,
): Promise<string> {
  const isOfIndex = row.includes("index:");
  const name = `guarded-${kind.toLowerCase()}`;
  const target = await collectionOf(
    of,
    name,
    isOfIndex ? `${name}${Object.keys(attempts).indexOf(row)}` : undefined,
  );
  const guarded = { ...target, _id: "target" };
  // Past the guards, whatever the attempt before has left.
  await of.stage.call({
    ...guarded,
    action: "write",
    body: CONTENT,
    controller: "bulk",
  });
  await of.stage.call({
    ...target,
    action: "refresh",
    controller: "collection",
  });

  const answer = await of.stage.send(attempts[row]!(guarded));

  const source = await sourceOf(of, guarded);
  const isHeld = source?.["secret"] === CONTENT.secret;
  if (isHeld && !/create`|mCreate`/i.test(row)) {
    assert.equal(errorOf(answer), `403 plugin.document-update.${KINDS[kind]}`);
    assert.deepEqual(source, CONTENT);
  }

  return isHeld ? "held" : "gets past";
}

/** Those that Kuzzle has Elasticsearch do by a query, which takes its module `reindex`. */
const BY_QUERY = /mDelete|deleteByQuery|bulk:updateByQuery/;

async function hasByQuery({ elasticsearchUrl }: TestApplication) {
  const { status } = await fetch(`${elasticsearchUrl}/none/_delete_by_query`, {
    body: JSON.stringify({ query: { match_all: {} } }),
    headers: { "content-type": "application/json" },
    method: "POST",
  });

  // Of an index that is not there; without the module, there is no such request.
  return status === 404;
}

/** A guarded collection, new where there is none. */
async function collectionOf(
  of: TestApplication,
  name: string,
  index?: string,
): Promise<Target> {
  const target = {
    collection: `${name}-${of.suffix}`,
    index: `${index ?? "tests"}-${of.suffix}`,
  };
  const isThere =
    index === undefined &&
    (await of.stage.call({
      ...target,
      action: "exists",
      controller: "collection",
    }));

  return isThere ? target : of.createCollection(name, {}, index);
}

/** What a document holds as a client wrote it; nothing where it is gone. */
async function sourceOf(
  of: TestApplication,
  target: Document,
): Promise<JSONObject | undefined> {
  const { body } = await of.stage.send({
    ...target,
    action: "get",
    controller: "document",
  });
  delete body["result"]?._source._kuzzle_info;

  return body["result"]?._source;
}
