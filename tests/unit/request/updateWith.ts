import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import type { KuzzleError } from "kuzzle";
import type { JSONObject } from "kuzzle-sdk";

import { DocumentUpdatePlugin } from "../../../lib/plugin/DocumentUpdatePlugin";
import { aTaxi } from "../../support/aTaxi";
import { settled } from "../../support/aWrite";
import { ofServerCode } from "../../support/fakeKuzzle";
import { fails } from "../../support/refusal";

const DOCUMENT = ["nyc-open-data", "yellow-taxi", "liia"] as const;
const EVENTS = [
  "generic:document:beforeUpdate",
  "document:beforeUpdate",
  "document:afterUpdate",
  "generic:document:afterUpdate",
];

type Change = Parameters<DocumentUpdatePlugin["updateWith"]>[3];
type Options = Parameters<DocumentUpdatePlugin["updateWith"]>[4];

async function aFleet(...given: Parameters<typeof aTaxi>) {
  const taxi = await aTaxi(...given);
  const updateWith = (change: Change, options?: Options) =>
    taxi.plugin.updateWith(...DOCUMENT, change, options);

  return { ...taxi, updateWith };
}

const oneMore: Change = ({ _source }) => ({
  seats: Number(_source["seats"]) + 1,
});

afterEach(() => mock.timers.reset());

it("stores what a function makes of the document, between the events of an update of it", async () => {
  const { kuzzle, storage, updateWith } = await aFleet();
  const seen: unknown[] = [];

  const result = await updateWith(async (document) => {
    seen.push(document);
    await settled();
    return { seats: 5 };
  });

  assert.deepEqual(seen, [{ _id: "liia", _source: { seats: 4 }, _version: 3 }]);
  assert.deepEqual([result?._updatedFields, result?._version], [["seats"], 4]);
  assert.equal(storage.document.source["seats"], 5);
  assert.equal(storage.document.source["_kuzzle_info"].updater, null);
  assert.deepEqual(kuzzle.events, EVENTS);
});

it("calls it again for each document that another writer has left", async () => {
  const { storage, updateWith } = await aFleet();
  let others = 2;
  storage.before = () => {
    if (others-- > 0) {
      storage.write({ seats: 10 * (others + 1) });
    }
  };

  await Promise.all([updateWith(oneMore), updateWith(oneMore)]);

  assert.equal(storage.document.source["seats"], 12);
});

it("throws what became of the document, not what its function threw on one that was remembered", async () => {
  const { storage, updateWith } = await aFleet();
  const { elasticsearch } = storage;
  const first = updateWith(oneMore);
  const second = updateWith(() => {
    elasticsearch.stored.delete("liia");
    throw new Error("thrown on what is gone");
  });

  await first;
  await assert.rejects(second, ({ id }: KuzzleError) =>
    id.startsWith("services.storage."),
  );
});

it("takes what it returns for changes, or for a modification", async () => {
  for (const [returned, after] of [
    [{ operators: { increment: { seats: 1 } } }, { seats: 5 }],
    [{ changes: { doors: 2 } }, { doors: 2, seats: 4 }],
    [{ steps: [{ changes: { a: 1 } }, { changes: { b: 2 } }] }, { a: 1, b: 2 }],
    [{ operators: { set: { at: { y: 1 } } } }, { at: { y: 1 } }],
    // Fields of the document.
    [{ changes: 1 }, { changes: 1 }],
    [
      { changes: {}, name: "x" },
      { changes: {}, name: "x" },
    ],
    [{ condition: { a: 1 } }, { condition: { a: 1 } }],
    [{ left: undefined, seats: 6 }, { seats: 6 }],
  ] as [JSONObject, JSONObject][]) {
    const source = { at: { x: 1 }, seats: 4 };
    const { storage, updateWith } = await aFleet({ source });

    await updateWith(() => returned);

    const { _kuzzle_info, ...content } = storage.document.source;
    assert.ok(_kuzzle_info);
    assert.deepEqual(content, { ...source, ...after });
  }
});

it("leaves the document, without events, where it returns nothing", async () => {
  const { kuzzle, stats, storage, updateWith } = await aFleet();

  assert.equal(await updateWith(() => undefined), undefined);

  assert.deepEqual(storage.sent, []);
  assert.deepEqual(kuzzle.events, []);
  assert.ok(await stats());
});

it("rejects with what it throws, as it is, whatever that is", async () => {
  for (const thrown of [new Error("no such device"), "text", undefined]) {
    const { storage, updateWith } = await aFleet();

    const update = updateWith(() => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- an application may
      throw thrown;
    });

    assert.deepEqual(
      await update.then(
        () => "stored",
        (error: unknown) => ({ error }),
      ),
      { error: thrown },
    );
    assert.deepEqual(storage.sent, []);
  }
});

it("refuses what is no change, and a document that does not meet the condition or the version", async () => {
  for (const [returned, options, id] of [
    [null, {}, "invalid_argument"],
    [5, {}, "invalid_argument"],
    [[], {}, "invalid_argument"],
    [{ operators: { rename: {} } }, {}, "invalid_operators"],
    [
      { changes: { a: 1 }, condition: { equals: { seats: 9 } } },
      {},
      "condition_not_met",
    ],
    [{ a: 1 }, { ifVersion: 2 }, "version_mismatch"],
  ] as const) {
    const { storage, updateWith } = await aFleet();

    await assert.rejects(
      updateWith((() => returned) as unknown as Change, options),
      { id: `plugin.document-update.${id}` },
    );
    assert.deepEqual(storage.sent, []);
  }
  const { updateWith } = await aFleet();
  assert.ok(
    await updateWith(() => ({
      changes: { a: 1 },
      condition: { equals: { seats: 4 } },
    })),
  );
});

it("gives up a function that does not return in time, and goes on with the next", async () => {
  const { storage, updateWith } = await aFleet();
  mock.timers.enable({ apis: ["setTimeout"] });
  let calls = 0;

  const hanging = updateWith(() => {
    calls++;
    return new Promise(() => {});
  });
  const next = updateWith(oneMore);
  const outcome = fails(
    "timed_out",
    hanging,
    ...DOCUMENT,
    "the function that changes it",
  );
  while (calls === 0) {
    await settled();
  }
  mock.timers.tick(2_000);
  await outcome;
  await next;

  assert.equal(storage.document.source["seats"], 5);
});

it("acts for a user, with the options of an update", async () => {
  const { kuzzle, updateWith } = await aFleet();

  const result = await updateWith(oneMore, {
    ...{ refresh: "wait_for", silent: true, source: true },
    user: { _id: "ann" },
  });

  const { doors, seats, _kuzzle_info } = result!._source as JSONObject;
  assert.deepEqual([doors, seats], [undefined, 5]);
  assert.equal(_kuzzle_info.updater, "ann");
  const { refresh, silent } = kuzzle.handed.at(-1)!.input.args;
  assert.deepEqual([refresh, silent], ["wait_for", true]);
});

it("fires no events where it is told so, and server code alone can tell so", async () => {
  const { kuzzle, modify, storage, update, updateWith } = await aFleet();
  const events = false;
  const body = { operators: { increment: { seats: 1 } } };

  await updateWith(oneMore, { events });
  await modify(body, { events }, ofServerCode);
  await update({ body: { doors: 2 }, events }, ofServerCode);
  assert.deepEqual(kuzzle.events, []);

  const wrong = { operators: { append: { seats: [1] } } };
  await assert.rejects(modify(wrong, { events }, ofServerCode), {
    id: "plugin.document-update.operator_type",
  });
  assert.deepEqual(kuzzle.events, []);

  await modify(body, { events });
  assert.deepEqual(kuzzle.events, EVENTS);
  assert.equal(storage.document.source["seats"], 7);
});

it("cannot be called before the application starts", async () => {
  await assert.rejects(
    new DocumentUpdatePlugin().updateWith(...DOCUMENT, oneMore),
    /not been started/,
  );
});
