import assert from "node:assert/strict";
import { it } from "node:test";

import { type KuzzleRequest, NotFoundError } from "kuzzle";
import type { JSONObject } from "kuzzle-sdk";

import { aTaxi } from "../../support/aTaxi";
import { settled } from "../../support/aWrite";
import { aUser } from "../../support/fakeKuzzle";
import { fails } from "../../support/refusal";

const BEFORE = ["generic:document:beforeUpdate", "document:beforeUpdate"];
const EVENTS = [
  ...BEFORE,
  ...["document:afterUpdate", "generic:document:afterUpdate"],
];
const CREATING = {
  default: { doors: 4, seats: 4 },
  operators: { increment: { seats: 1 } },
};
const KEYED = { requestKey: "a-key" };
const UNKNOWN = "request_outcome_unknown";

/** The plugin's actions, without the document "liia". */
async function noTaxi(...given: Parameters<typeof aTaxi>) {
  const taxi = await aTaxi(...given);
  const { stored } = taxi.kuzzle.elasticsearch;
  stored.delete("liia");
  const actions = () => taxi.kuzzle.handed.map(({ input }) => input.action);
  taxi.kuzzle.handed.length = 0;

  return { ...taxi, actions, stored };
}

function lost(): never {
  throw new Error("lost");
}

it("creates the document from its default, with the changes applied, between the events of an update", async () => {
  const { actions, kuzzle, modify, storage } = await noTaxi();

  const { result } = await modify({
    ...CREATING,
    changes: { at: { y: 3 } },
    default: { at: { x: 1 }, doors: 4, seats: 4 },
    operators: { increment: { seats: 1 }, unset: ["doors"] },
  });

  const { _source, ...rest } = result;
  assert.deepEqual(rest, {
    _id: "liia",
    _updatedFields: ["seats", "at.x", "at.y"],
    _version: 1,
    created: true,
  });
  // The computed changes, as of any modification.
  const { _kuzzle_info, ...changes } = _source as JSONObject;
  assert.equal(_kuzzle_info.author, "joe");
  assert.deepEqual(changes, { at: { y: 3 }, doors: null, seats: 5 });
  const { _kuzzle_info: stored, ...content } = storage.document.source;
  assert.equal(stored.author, "joe");
  assert.deepEqual(content, { at: { x: 1, y: 3 }, seats: 5 });
  assert.deepEqual(kuzzle.events, EVENTS);
  assert.deepEqual(actions(), ["get", "create"]);
});

it("changes a document that exists, whatever its default", async () => {
  const { modify, storage } = await aTaxi();

  const { result } = await modify(CREATING);

  assert.equal(result["created"], false);
  assert.equal(storage.document.source["seats"], 5);
  assert.equal("doors" in storage.document.source, false);
});

it("creates once and counts all, where many arrive at once", async () => {
  for (const config of [{}, { fold: ["*/*"], maxWait: 2_000 }]) {
    const { actions, modify, storage } = await noTaxi({ config });

    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        modify(CREATING, n % 2 ? { requestKey: String(n) } : {}),
      ),
    );

    const created = answers.filter(({ result }) => result["created"]);
    assert.equal(created.length, 1);
    assert.equal(actions().filter((each) => each === "create").length, 1);
    assert.equal(storage.document.source["seats"], 4 + 8);
  }
});

it("refuses what comes before whoever may create it", async () => {
  const { kuzzle, modify, storage } = await aTaxi({
    config: { fold: ["*/*"], maxWait: 2_000 },
  });
  const plain = { operators: CREATING.operators };
  let writes = 0;
  storage.before = () => {
    if (++writes === 2) {
      kuzzle.elasticsearch.stored.delete("liia");
    }
  };

  const outcomes = await Promise.allSettled([
    ...[modify(plain), modify(plain)],
    modify(CREATING),
  ]);

  assert.deepEqual(
    outcomes.map((each) =>
      each.status === "rejected"
        ? (each.reason as NotFoundError).id
        : each.value.result["created"],
    ),
    [undefined, "services.storage.not_found", true],
  );
  assert.equal(storage.document.source["seats"], 5);
});

it("changes what another writer has created meanwhile", async () => {
  const { kuzzle, modify, storage } = await noTaxi();
  let others = 1;
  storage.before = () => {
    if (others-- > 0) {
      kuzzle.elasticsearch.store("liia", { seats: 8 });
    }
  };

  const { result } = await modify(CREATING, KEYED);

  assert.equal(result["created"], false);
  assert.deepEqual(storage.document.source["seats"], 9);
  assert.deepEqual(kuzzle.events, [...BEFORE, ...EVENTS]);
});

it("creates what is deleted between read and write", async () => {
  const { kuzzle, modify, storage } = await aTaxi();
  let others = 1;
  storage.before = () => {
    if (others-- > 0) {
      kuzzle.elasticsearch.stored.delete("liia");
    }
  };

  const { result } = await modify(CREATING);

  assert.deepEqual([result["created"], result["_version"]], [true, 1]);
  assert.equal(storage.document.source["seats"], 5);
});

it("needs the document for a condition, or a version", async () => {
  for (const [more, data] of [
    [{ condition: { exists: "seats" } }, {}],
    [{}, { ifVersion: 1 }],
  ]) {
    const { modify, storage } = await noTaxi();
    const modification = modify({ ...CREATING, ...more }, data);

    await assert.rejects(modification, { id: "services.storage.not_found" });
    assert.deepEqual(storage.sent, []);
  }
});

it("asks for the right to create, and leaves the guards of fields out, as natively", async () => {
  const user = {
    ...aUser(),
    isActionAllowed: async ({ input }: KuzzleRequest) =>
      input.action !== "create",
  };
  const { modify, storage } = await noTaxi({
    guards: { "*/*": { immutable: ["doors"], readOnly: ["seats"] } },
  });

  await assert.rejects(modify(CREATING, {}, { user }), {
    id: "security.rights.forbidden",
  });
  assert.deepEqual(storage.sent, []);

  await modify(CREATING);
  assert.equal(storage.document.source["seats"], 5);
  await assert.rejects(modify(CREATING), {
    id: "plugin.document-update.field_read_only",
  });
});

it("predicts in a dry run what it would create", async () => {
  const { kuzzle, modify, stored } = await noTaxi();

  const { result } = await modify(CREATING, { dryRun: true, source: true });

  const { _kuzzle_info, ...content } = result["_source"] as JSONObject;
  assert.equal(_kuzzle_info.author, "joe");
  assert.deepEqual(content, { doors: 4, seats: 5 });
  assert.deepEqual([result["created"], result["_version"]], [true, 0]);
  assert.equal(stored.has("liia"), false);
  assert.deepEqual(kuzzle.events, BEFORE);
});

it("creates the document also where no step applies, or nothing would change", async () => {
  for (const [body, data] of [
    [{ steps: [{ changes: { a: 1 }, condition: { exists: "x" } }] }, {}],
    [{ steps: [] }, {}],
    [{ changes: { seats: 4 } }, { skipUnchanged: true }],
  ]) {
    const { modify, storage } = await noTaxi();

    const { result } = await modify({ default: { seats: 4 }, ...body }, data);

    assert.equal(result["created"], true);
    assert.equal(storage.document.source["seats"], 4);
  }
});

it("leaves a document that exists where no step applies", async () => {
  const { modify, storage } = await aTaxi();
  const left = { changes: { a: 1 }, condition: { exists: "x" } };

  for (const data of [{}, { dryRun: true }]) {
    const { result } = await modify({ steps: [left, left] }, data);

    assert.deepEqual(result["steps"], [false, false]);
    assert.deepEqual(result["_updatedFields"], []);
  }
  assert.deepEqual(storage.sent, []);
});

it("gives each creation a copy where applications change metadata", async () => {
  const { kuzzle, modify, storage } = await noTaxi();
  kuzzle.hooks.add("generic:document:injectMetadata");

  await modify(CREATING);

  assert.equal(storage.document.source["seats"], 5);
});

it("lets the next go on while the creation waits for a refresh", async () => {
  const { kuzzle, modify, storage } = await noTaxi();
  let refresh = () => {};
  const refreshed = new Promise<void>((resolve) => (refresh = resolve));
  kuzzle.answers.set("core:realtime:document:notify", () => refreshed);

  const first = modify(CREATING, { refresh: "wait_for" });
  await modify({ changes: { doors: 2 }, default: {} }, { silent: true });

  assert.deepEqual(storage.document.source["doors"], 2);
  refresh();
  assert.equal((await first).result["created"], true);
});

it("passes on why storage refuses the new document, and frees the key", async () => {
  const { kuzzle, modify, storage } = await noTaxi();
  kuzzle.elasticsearch.refuses = () => "failed to parse field [seats]";

  for (let repeat = 0; repeat < 2; repeat++) {
    await assert.rejects(modify(CREATING, KEYED), { status: 400 });
  }
  assert.equal(storage.sent.length, 2);

  kuzzle.elasticsearch.refuses = () => undefined;
  const { result } = await modify(CREATING, KEYED);
  assert.equal(result["created"], true);
});

it("creates the document no second time after a connection was lost, whether it was stored or not", async () => {
  for (const isStored of [true, false]) {
    const { kuzzle, modify, storage, stored } = await noTaxi();
    storage.before = () => {
      if (isStored) {
        kuzzle.elasticsearch.store("liia", { seats: 5 });
      }
      lost();
    };

    await assert.rejects(modify(CREATING, KEYED), {
      id: "services.storage.unexpected_error",
    });
    // The client does not send it again by itself.
    assert.equal(storage.sent.length, 1);
    storage.before = () => {};
    for (let repeat = 0; repeat < 2; repeat++) {
      await fails(UNKNOWN, modify(CREATING, KEYED), "a-key");
    }
    // Nor where it has been deleted meanwhile.
    stored.delete("liia");
    await fails(UNKNOWN, modify(CREATING, KEYED), "a-key");

    assert.equal(storage.sent.length, 1);
    assert.equal(stored.has("liia"), false);
  }
});

it("answers a repeat as the first, and does not create it again", async () => {
  const { modify, storage, stored } = await noTaxi();

  const first = await modify(CREATING, KEYED);
  stored.delete("liia");
  const repeat = await modify(CREATING, KEYED);

  assert.deepEqual(repeat.result, first.result);
  assert.equal(storage.sent.length, 1);
  assert.equal(stored.has("liia"), false);
});

it("tells if Kuzzle has created it without what tells the plugin's documents", async () => {
  const { kuzzle, modify, storage } = await noTaxi();
  const event = "core:storage:public:document:create";
  const create = kuzzle.answers.get(event)!;
  kuzzle.answers.set(event, (index, collection, content, options) =>
    create(index, collection, structuredClone(content), options),
  );

  await fails(
    "condition_lost",
    modify(CREATING),
    ...["nyc-open-data", "yellow-taxi", "liia"],
  );
  assert.equal(storage.document.source["seats"], 5);
});

it("stores nothing where a before event is refused", async () => {
  const veto = new NotFoundError("no", "app.veto", 1);
  const { modify, stored } = await noTaxi({
    pipes: {
      "document:beforeUpdate": () => {
        throw veto;
      },
    },
  });

  await assert.rejects(modify(CREATING), veto);
  await settled();
  assert.equal(stored.has("liia"), false);
});
