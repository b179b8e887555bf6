import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import { BadRequestError, InternalError, type KuzzleError } from "kuzzle";

import { pluginError } from "../../../lib/errors";
import { aLane, everything } from "../../support/aLane";
import { anUpdate, settled } from "../../support/aWrite";

const refused = new BadRequestError("SECRET of another", "native.refused", 1);
const unknown = new InternalError("no answer", "native.unknown", 1);
const a = (n: number) => anUpdate({ body: { [`n${n}`]: n } });

afterEach(() => mock.restoreAll());

/** Lanes where a number of updates wait behind one that has just been stored, as one. */
async function aFoldOf(size: number) {
  const lane = aLane();
  for (let n = 0; n <= size; n++) {
    lane.start(a(n));
  }
  await lane.storage.storeFirst();

  return lane;
}

it("fails an invalid update for its own client only", async () => {
  const { lanes, outcomes, storage } = await aFoldOf(9);

  while (storage.writing.length > 0) {
    await (storage.bodies[0]?.["n5"]
      ? storage.failFirst(refused)
      : storage.storeFirst());
  }

  assert.deepEqual(
    outcomes.all.map((outcome) => outcome === refused),
    outcomes.all.map((_, n) => n === 5),
  );
  assert.equal(lanes.count, 0);
});

it("tries what storage refused half by half, in its order", async () => {
  const { storage } = await aFoldOf(3);
  const tried = [storage.bodies[0]];

  while (storage.writing.length > 0) {
    await storage.failFirst(refused);
    tried.push(storage.bodies[0]);
  }

  assert.deepEqual(
    tried.map((body) => Object.keys(body ?? {}).join()),
    ["n1,n2,n3", "n1,n2", "n1", "n2", "n3", ""],
  );
});

it("answers a conflict to updates for which no time is left, and nobody gets another's error", async () => {
  let now = 0;
  mock.method(performance, "now", () => now);
  const { lanes, outcomes, storage } = await aFoldOf(4);

  await storage.failFirst(refused);
  assert.deepEqual(storage.bodies, [{ n1: 1, n2: 2 }]);
  now = 5_000;
  await storage.failFirst(refused);
  // The other half is tried once.
  assert.deepEqual(storage.bodies, [{ n3: 3, n4: 4 }]);
  await storage.failFirst(refused);

  const conflict = "plugin.document-update.version_conflict";
  assert.deepEqual(outcomes.ids.slice(1), Array(4).fill(conflict));
  for (const error of outcomes.all.slice(1) as KuzzleError[]) {
    assert.equal(error.cause, undefined);
    assert.doesNotMatch(error.message, /SECRET/);
  }
  assert.equal(lanes.count, 0);
});

it("sends nothing again of which it does not know whether it was stored", async () => {
  for (const error of [unknown, new Error("none of Kuzzle's"), "no error"]) {
    const { lanes, outcomes, storage } = await aFoldOf(3);

    await storage.failFirst(error);

    assert.deepEqual(storage.writing, []);
    assert.deepEqual(outcomes.all.slice(1), [error, error, error]);
    assert.equal(lanes.count, 0);
  }
});

it("tries the second half even if the outcome of the first is unknown", async () => {
  const { lanes, outcomes, storage } = await aFoldOf(4);

  await storage.failFirst(refused);
  await storage.failFirst(unknown);
  assert.deepEqual(storage.bodies, [{ n3: 3, n4: 4 }]);
  await storage.storeAll();

  assert.deepEqual(outcomes.all.slice(1, 3), [unknown, unknown]);
  assert.deepEqual(
    outcomes.all.slice(3).map((one) => (one as { _id: string })._id),
    ["liia", "liia"],
  );
  assert.equal(lanes.count, 0);
});

it("throws the error of a single update, and goes on with the next", async () => {
  const { outcomes, start, storage } = aLane();
  const conflict = pluginError("version_conflict", "i", "c", "liia");

  start(a(0), a(1));
  await storage.failFirst(conflict);
  await storage.storeAll();

  assert.equal(outcomes.all[0], conflict);
  assert.equal((outcomes.all[1] as { _id: string })._id, "liia");
});

for (const step of ["isFoldable", "isSurelyValid"] as const) {
  it(`rejects an update, and goes on with the next, when ${step} throws`, async () => {
    const defect = new Error("a defect");
    let throws = true;
    const rules = {
      ...everything,
      [step]: () => {
        if (throws) {
          throws = false;
          throw defect;
        }
        return step === "isFoldable" ? true : () => true;
      },
    };
    const { lanes, outcomes, start, storage } = aLane({}, undefined, rules);

    start(a(0), a(1));
    await settled();
    assert.deepEqual(storage.bodies, [{ n1: 1 }]);
    await storage.storeAll();

    assert.equal(outcomes.all[0], defect);
    assert.equal((outcomes.all[1] as { _id: string })._id, "liia");
    assert.equal(lanes.count, 0);
  });
}

it("rejects all of a fold when what stores it throws, and frees the lane", async () => {
  const defect = new Error("a defect");
  let writes = 0;
  const { lanes, outcomes, start, storage } = aLane({}, () => {
    if (++writes === 2) {
      throw defect;
    }
  });

  start(a(0), a(1), a(2));
  await storage.storeFirst();
  start(a(3));
  await storage.storeAll();
  await settled();

  assert.deepEqual(outcomes.all.slice(1, 3), [defect, defect]);
  assert.equal((outcomes.all[3] as { _id: string })._id, "liia");
  assert.equal(lanes.count, 0);
});

it("rejects all updates of a fold if the answer cannot be used", async () => {
  const { lanes, outcomes, storage } = await aFoldOf(2);

  storage.writing[0]?.store({ _id: "liia", _version: 3 } as never);
  await settled();

  for (const outcome of outcomes.all.slice(1)) {
    assert.ok(outcome instanceof TypeError);
  }
  assert.equal(lanes.count, 0);
});
