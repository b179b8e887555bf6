import assert from "node:assert/strict";
import { it } from "node:test";

import type { KuzzleRequest } from "kuzzle";
import type { JSONObject } from "kuzzle-sdk";

import { aTaxi } from "../../support/aTaxi";
import { aUser, overHttp } from "../../support/fakeKuzzle";
import { fails } from "../../support/refusal";

const BEFORE = "document:beforeUpdate";
const DOCUMENT = ["nyc-open-data", "yellow-taxi", "liia"];

/** Expects an error that names the document. */
const refuses = (name: string, promise: Promise<unknown>, ...props: string[]) =>
  fails(name, promise, ...DOCUMENT, ...props);

it("does not read the document for an update without conditions", async () => {
  for (const isHeard of [true, false]) {
    const { storage, update } = await aTaxi({
      guards: { "nyc-open-data/*": { readOnly: ["color"] }, "*/other": {} },
      isHeard,
      skips: ["other/*"],
    });

    const { result } = await update();

    assert.equal(result["_version"], 4);
    assert.equal("_updatedFields" in result, false);
    assert.equal(storage.reads, 0);
  }
});

it("updates a document that has the required version", async () => {
  for (const isHeard of [true, false]) {
    const { kuzzle, storage, update } = await aTaxi({ isHeard });

    const { result } = await update({ ifVersion: 3 });
    assert.equal(result["_version"], 4);
    assert.equal("_updatedFields" in result, false);
    await refuses("version_mismatch", update({ ifVersion: 3 }), "3", "4");

    assert.equal(storage.document.version, 4);
    const events = [
      "beforeUpdate",
      "beforeUpdate",
      "afterUpdate",
      "afterUpdate",
    ];
    const failing = ["beforeUpdate", "beforeUpdate", "errorUpdate"];
    assert.deepEqual(
      kuzzle.events.map((event) => event.split(":").at(-1)),
      isHeard ? [...events, ...failing] : [],
    );
  }
});

it("takes it from If-Match, over HTTP only", async () => {
  const { storage, update } = await aTaxi();
  const headers = { "if-match": '"2", "4"' };

  await refuses(
    "version_mismatch",
    update({}, overHttp(headers)),
    '"2", "4"',
    "3",
  );
  await update({}, { connection: { headers, id: "1", protocol: "mqtt" } });
  await update({}, overHttp(headers));
  assert.equal(storage.document.version, 5);
});

it("sends the version as ETag, only in answers to PATCH over HTTP", async () => {
  const { update } = await aTaxi();
  const etagOf = async (data: JSONObject, context: JSONObject = {}) =>
    (await update(data, context)).request.response.getHeader("ETag") as unknown;

  assert.equal(await etagOf({}, overHttp()), '"4"');
  assert.equal(await etagOf({ controller: "document" }, overHttp()), '"5"');
  assert.equal(await etagOf({}, overHttp({}, "PUT")), undefined);
  assert.equal(await etagOf({}), undefined);
});

it("sends no ETag if a pipe removed the version", async () => {
  for (const result of [null, { _version: "3" }, "text"]) {
    const { update } = await aTaxi({
      pipes: {
        "document:afterUpdate": (payload) => {
          (payload as KuzzleRequest).setResult(result);
          return payload;
        },
        "generic:document:afterUpdate": () => [result],
      },
    });

    const { request } = await update({}, overHttp());

    assert.equal(request.response.getHeader("ETag"), undefined);
  }
});

it("writes nothing if nothing would change, and says so if the client asked", async () => {
  const unchanged = { body: { seats: 4 } };
  const { storage, update } = await aTaxi();

  const { result } = await update({ ...unchanged, skipUnchanged: true });
  assert.deepEqual(result, {
    _id: "liia",
    _source: { seats: 4 },
    _updatedFields: [],
    _version: 3,
  });
  assert.deepEqual(storage.sent, []);
  const changed = await update({ skipUnchanged: true });
  assert.deepEqual(changed.result["_updatedFields"], ["seats"]);

  const skipping = await aTaxi({ skips: ["*/yellow-taxi"] });
  assert.deepEqual((await skipping.update(unchanged)).result, {
    _id: "liia",
    _source: { seats: 4 },
    _version: 3,
  });
});

it("answers what would be stored, and fires no after event, in a dry run", async () => {
  const { kuzzle, storage, update } = await aTaxi();

  for (const context of [{}, overHttp()]) {
    kuzzle.fired.length = 0;
    const { result } = await update({ dryRun: true, source: true }, context);

    assert.equal(result["_source"].seats, 5);
    assert.deepEqual(result["_updatedFields"], ["seats"]);
    assert.deepEqual(kuzzle.events, [`generic:${BEFORE}`, BEFORE]);
  }
  assert.equal(storage.document.source["seats"], 4);

  // Over WebSocket a flag is off if it is false, over HTTP if it is absent.
  await update({ dryRun: false });
  await update({}, overHttp());
  assert.equal(storage.document.version, 5);
});

it("follows a pipe that turns it into a dry run, including events", async () => {
  const { kuzzle, storage, update } = await aTaxi({
    pipes: {
      [BEFORE]: (payload) => {
        (payload as KuzzleRequest).input.args["dryRun"] = true;
        return payload;
      },
    },
  });

  await update();

  assert.equal(storage.document.version, 3);
  assert.equal(kuzzle.events.length, 2);
});

it("applies guards, and reads the document only for those that need it", async () => {
  const { storage, update } = await aTaxi({
    guards: {
      "nyc-open-data/yellow-taxi": {
        immutable: ["owner"],
        readOnly: ["legacyId"],
        writableBy: { rate: ["accountant"] },
      },
    },
    source: { owner: "joe" },
  });
  const user = { ...aUser(), profileIds: ["accountant"] };

  await refuses(
    "field_read_only",
    update({ body: { legacyId: 1 } }),
    "legacyId",
  );
  await refuses("field_forbidden", update({ body: { rate: 1 } }), "rate");
  await update({ body: { rate: 1 } }, { user });
  assert.equal(storage.reads, 0);

  await refuses("field_immutable", update({ body: { owner: "ann" } }), "owner");
  await update({ body: { owner: "joe" } });
  assert.equal(storage.reads, 2);
  await refuses(
    "field_read_only",
    update({ body: { legacyId: 1 }, ifVersion: 5 }),
    "legacyId",
  );
  // A refusal with 403 comes before one with 412.
  await refuses(
    "field_read_only",
    update({ body: { legacyId: 1 }, ifVersion: 99 }),
    "legacyId",
  );
});

it("applies conditions and guards to what a pipe makes of the changes", async () => {
  class Changes {
    readonly legacyId = 1;
  }
  const guards = { "*/*": { readOnly: ["legacyId"] } };
  const pipes = {
    [BEFORE]: (payload: unknown) => {
      (payload as KuzzleRequest).input.body = new Changes();
      return payload;
    },
  };

  await refuses(
    "field_read_only",
    (await aTaxi({ guards, pipes })).update(),
    "legacyId",
  );
  await refuses(
    "version_mismatch",
    (await aTaxi({ pipes })).update({ ifVersion: 2 }),
    "2",
    "3",
  );
});

it("refuses a list as changes of a conditional or guarded update, and leaves others to Kuzzle", async () => {
  const { storage, update } = await aTaxi();

  await fails(
    "invalid_argument",
    update({ body: [1], ifVersion: 3 }),
    ...["body", "an object", "a list"],
  );
  await update({ body: [1] });
  assert.equal(storage.sent.length, 1);
});

it("refuses invalid values of its own arguments", async () => {
  const { update } = await aTaxi({ isHeard: false });

  await assert.rejects(update({ skipUnchanged: "yes" }), {
    id: "api.assert.invalid_type",
  });
  await assert.rejects(update({ ifVersion: "x" }), {
    id: "plugin.document-update.invalid_argument",
  });
  await update({ skipUnchanged: "false" }, overHttp());
});
