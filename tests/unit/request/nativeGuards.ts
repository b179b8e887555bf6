import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject, KuzzleRequest } from "kuzzle";

import { type FieldGuards, guardsOf } from "../../../lib/change/guards";
import { nativeGuards } from "../../../lib/request/guards";
import { aRequest, aUser } from "../../support/fakeKuzzle";
import { refusal } from "../../support/refusal";

const GUARDED = ["nyc-open-data", "yellow-taxi"] as const;

type Pipe = (
  request: KuzzleRequest,
  done: (error: null, result: KuzzleRequest) => void,
) => Promise<KuzzleRequest> | undefined;

/** The pipes, with some stored documents. */
function guarding(
  guards: FieldGuards,
  stored: Readonly<Record<string, JSONObject>> = {},
  isHeld = () => false,
) {
  const reads: (readonly string[])[] = [];
  const pipes = nativeGuards(
    guardsOf({ "nyc-open-data/yellow-taxi": guards }),
    isHeld,
    async (index, collection, ids) => {
      assert.deepEqual([index, collection], GUARDED);
      reads.push(ids);
      return new Map(Object.entries(stored));
    },
    3,
  ) as unknown as Readonly<Record<string, Pipe>>;

  return {
    reads,
    /** Sends a request of an action, as Kuzzle: the pipe answers by its callback, or by a promise. */
    send: async (
      action: string,
      data: JSONObject = {},
      context: JSONObject = {},
    ) => {
      const request = aRequest(
        { action, controller: "document", ...data },
        context,
      );
      const pipe =
        pipes[`document:before${action[0]!.toUpperCase()}${action.slice(1)}`];
      assert.ok(pipe, action);
      let told: KuzzleRequest | undefined;
      const passed = await pipe(request, (_, result) => (told = result));
      assert.equal(told ?? passed, request);
    },
  };
}

const of = (body: JSONObject, _id: unknown = "liia") => ({
  body: { documents: [{ _id, body }] },
});
const refuses = (promise: Promise<void>, name: string, field: string) =>
  assert.rejects(promise, refusal(name, ...GUARDED, "liia", field));

it("has a pipe on each native action that changes given documents", () => {
  const pipes = nativeGuards(
    guardsOf({}),
    () => false,
    () => assert.fail(),
    3,
  );

  assert.deepEqual(Object.keys(pipes), [
    "document:beforeCreateOrReplace",
    "document:beforeDeleteFields",
    "document:beforeMCreateOrReplace",
    "document:beforeMReplace",
    "document:beforeMUpdate",
    "document:beforeMUpsert",
    "document:beforeReplace",
    "document:beforeUpdate",
    "document:beforeUpsert",
  ]);
});

it("refuses changes that name a guarded field, without a read", async () => {
  const { reads, send } = guarding({
    readOnly: ["legacyId"],
    writableBy: { rate: ["accountant"] },
  });

  for (const [field, name] of [
    ["legacyId", "field_read_only"],
    ["rate", "field_forbidden"],
  ] as const) {
    const body = { [field]: 1 };
    await refuses(send("update", { body }), name, field);
    await refuses(send("mUpdate", of(body)), name, field);
    for (const fields of [[field], [`["${field}"]`], [[field]]]) {
      await refuses(send("deleteFields", { body: { fields } }), name, field);
    }
  }
  await send("update", { body: { seats: 1 } });
  await send("mUpdate", of({ seats: 1 }));
  await send("deleteFields", { body: { fields: ["seats", "a.legacyId"] } });
  assert.deepEqual(reads, []);
});

it("refuses all of a request that would write one guarded field", async () => {
  const { send } = guarding({ readOnly: ["legacyId"] });
  const documents = [
    { _id: "lia", body: { seats: 1 } },
    { _id: "liia", body: { legacyId: 1 } },
  ];

  await refuses(
    send("mUpdate", { body: { documents } }),
    "field_read_only",
    "legacyId",
  );
});

it("reads the stored document if the guarded field is in an object", async () => {
  const { reads, send } = guarding(
    { readOnly: ["a.b"] },
    { liia: { a: [{ b: 1 }] } },
  );

  for (const [action, data] of [
    ["update", { body: { a: { x: 1 } } }],
    ["mUpdate", of({ a: { x: 1 } })],
    ["deleteFields", { body: { fields: ["a[0].b"] } }],
  ] as const) {
    await refuses(send(action, data), "field_read_only", "a");
  }
  assert.deepEqual(reads, [["liia"], ["liia"], ["liia"]]);
  await send("update", { _id: "gone", body: { a: { x: 1 } } });
});

it("applies guards to an upsert only if it does not create", async () => {
  const guards = { readOnly: ["legacyId"] };
  const upsert = { body: { changes: { legacyId: 1 }, default: { rate: 1 } } };
  const documents = [{ _id: "liia", changes: { legacyId: 1 } }];
  const mUpsert = { body: { documents } };
  const there = guarding(guards, { liia: {} });
  const gone = guarding(guards);

  for (const [action, data] of [
    ["upsert", upsert],
    ["mUpsert", mUpsert],
  ] as const) {
    await refuses(there.send(action, data), "field_read_only", "legacyId");
    await gone.send(action, data);
  }
  assert.deepEqual(gone.reads, [["liia"], ["liia"]]);
  await there.send("upsert", {
    body: { changes: { seats: 1 }, default: { legacyId: 1 } },
  });
  assert.equal(there.reads.length, 2);
});

it("refuses a replacement that does not leave guarded fields as they are", async () => {
  const guards = { readOnly: ["legacyId"] };
  const there = guarding(guards, { liia: { legacyId: 1, seats: 2 } });
  const gone = guarding(guards);

  for (const action of ["replace", "createOrReplace"]) {
    for (const body of [{ legacyId: 2 }, { seats: 2 }]) {
      await refuses(
        there.send(action, { body }),
        "field_read_only",
        "legacyId",
      );
      await gone.send(action, { body });
    }
    await there.send(action, { body: { legacyId: 1 } });
  }
  for (const action of ["mReplace", "mCreateOrReplace"]) {
    await refuses(there.send(action, of({})), "field_read_only", "legacyId");
    await gone.send(action, of({}));
    await there.send(action, of({ legacyId: 1, seats: 5 }));
  }
});

it("treats a number as the string that storage makes of it", async () => {
  const { send } = guarding({ readOnly: ["legacyId"] }, { 5: { legacyId: 1 } });

  await assert.rejects(send("mCreateOrReplace", of({}, 5)));
});

it("lets permitted users write, and ignores other requests", async () => {
  const body = { legacyId: 1, owner: 1, rate: 1 };
  const guards = {
    immutable: ["owner"],
    writableBy: { rate: ["accountant"] },
  };
  const { reads, send } = guarding(guards, { liia: { owner: 2, rate: 2 } });
  const user = { ...aUser(), profileIds: ["accountant"] };

  await send("replace", { body }, { user });
  await send("update", { body }, { user });
  await send("replace", { body }, { user: null });
  await send("replace", { body, collection: "other" });
  await guarding(guards, {}, () => true).send("update", { body });
  assert.deepEqual(reads, []);
  await refuses(send("replace", { body }), "field_forbidden", "rate");
});

it("leaves to Kuzzle what it refuses", async () => {
  const { reads, send } = guarding({ readOnly: ["a", "b.c"] }, { liia: {} });
  const document = { _id: "liia", body: { a: 1 } };

  for (const [action, data] of [
    ...["update", "replace", "createOrReplace", "upsert", "deleteFields"]
      .map((action) => [
        [action, { body: null }],
        [action, { _id: undefined, body: { a: 1, changes: { a: 1 } } }],
        [action, { _id: 5, body: { a: 1, fields: ["a"] } }],
        [action, { _id: "", body: { a: 1, fields: ["a"] } }],
      ])
      .flat(),
    ...["mUpdate", "mReplace", "mCreateOrReplace", "mUpsert"]
      .map((action) =>
        [
          ...[null, {}, { documents: "liia" }, { documents: { 0: document } }],
          { documents: [null, 1, "liia", [document], {}] },
          { documents: [{ body: { a: 1 } }, { _id: "", body: { a: 1 } }] },
          { documents: [{ _id: "liia" }, { _id: "liia", body: "a" }] },
          { documents: [{ _id: ["liia"], body: { a: 1 } }] },
          { documents: [document, document, document, document] },
        ].map((body) => [action, { body }]),
      )
      .flat(),
    ["upsert", { body: {} }],
    ["upsert", { body: { changes: 1 } }],
    ["deleteFields", { body: {} }],
    ["deleteFields", { body: { fields: "a" } }],
    ["deleteFields", { body: { fields: { a: "b" } } }],
    ["update", { body: { a: 1 }, index: undefined }],
    ["update", { body: { a: 1 }, collection: ["yellow-taxi"] }],
  ] as [string, JSONObject][]) {
    await send(action, data);
  }
  assert.deepEqual(reads, []);
});

it("treats positions of a list as fields, as Kuzzle does", async () => {
  const { send } = guarding({ readOnly: ["0"] });

  await refuses(send("update", { body: [1] }), "field_read_only", "0");
});

it("ignores a request that a pipe has turned into another action", async () => {
  const { send } = guarding({ readOnly: ["a"] });

  for (const action of ["get", "constructor"]) {
    await send("update", { action, body: { a: 1 } });
  }
});
