import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, it, mock } from "node:test";
import { setTimeout } from "node:timers/promises";

import { BadRequestError, InternalError } from "kuzzle";

import type { Change, ChangedDocument } from "../../../lib/change/Change";
import { anIncrement, oneMore, VersionedStorage } from "../../support/aChange";
import { everything } from "../../support/aLane";
import { anUpdate, Outcomes, settled } from "../../support/aWrite";

afterEach(() => mock.restoreAll());

const target = anUpdate();
const FOLDED = { foldedWith: "joe" };
const refused = new BadRequestError("no", "app.refused", 1);

const anAppend = (n: number, changes: Partial<Change> = {}) =>
  anIncrement({
    ...FOLDED,
    compute: ({ source }) => ({
      unset: [],
      update: anUpdate({
        body: { all: [...(source["all"] as number[]), n] },
        options: { source: true },
      }),
    }),
    ...changes,
  });

const many = (count: number, change: (n: number) => Change) =>
  Array.from({ length: count }, (_, n) => change(n));

const writeAll = (storage: VersionedStorage, changes: readonly Change[]) =>
  Promise.all(changes.map((change) => storage.writer.write(target, change)));

/** What became of changes that are written at once. */
async function endsOf(storage: VersionedStorage, changes: readonly Change[]) {
  const outcomes = new Outcomes();
  const writes = changes.map((change) => storage.writer.write(target, change));
  writes.forEach((write) => outcomes.follow(write));
  await Promise.allSettled(writes);

  return outcomes;
}

it("stores changes that wait by one write, and answers each its own value", async () => {
  const storage = new VersionedStorage();

  const answers = await writeAll(
    storage,
    many(64, () => anIncrement({ ...FOLDED, tellsFields: true })),
  );

  assert.deepEqual(
    answers.map(({ _source }) => _source["seats"]),
    Array.from({ length: 64 }, (_, n) => n + 5),
  );
  assert.deepEqual(answers[63], {
    _id: "liia",
    _source: { _kuzzle_info: { updater: "joe" }, seats: 68 },
    _updatedFields: ["seats"],
    _version: 4,
  });
  assert.equal(storage.sent.length, 1);
  assert.equal(storage.reads, 1);
  assert.equal(storage.document.source["seats"], 68);
  assert.equal(storage.statistics.folds.cumulative.at(-1)?.[1], 1);
  await settled();
  assert.equal(storage.turns.count, 0);
});

it("answers each the whole document as it left it, with source", async () => {
  const storage = new VersionedStorage({ all: [], kept: { deep: 1 } });

  const [first, second] = await writeAll(
    storage,
    many(2, (n) => anAppend(n)),
  );

  assert.deepEqual(first?._source, {
    _kuzzle_info: { updater: "joe" },
    all: [0],
    kept: { deep: 1 },
  });
  assert.deepEqual(second?._source["all"], [0, 1]);
  // What is done to the answer of one client is not done to that of another.
  assert.notEqual(first._source["kept"], second._source["kept"]);
});

it("does not mix changes with different options", async () => {
  const storage = new VersionedStorage();

  await writeAll(
    storage,
    many(6, (n) => anIncrement({ foldedWith: n % 2 ? "joe" : "ann" })),
  );

  assert.equal(storage.document.source["seats"], 10);
  assert.equal(storage.sent.length, 2);
});

it("stores changes that arrive in between by the next write, without a read", async () => {
  const storage = new VersionedStorage();
  let end = () => {};
  storage.before = () => new Promise<void>((resolve) => (end = resolve));
  const first = storage.writer.write(target, anIncrement(FOLDED));
  await settled();
  storage.before = () => {};

  const later = writeAll(
    storage,
    many(9, () => anIncrement(FOLDED)),
  );
  end();
  await first;
  await later;

  assert.equal(storage.document.source["seats"], 14);
  assert.equal(storage.sent.length, 2);
  assert.equal(storage.reads, 1);
});

it("fails each refused change alone, computed after those before it", async () => {
  const storage = new VersionedStorage();
  const atMost = (max: number) =>
    anIncrement({
      ...FOLDED,
      compute: (current) => {
        if (Number(current.source["seats"]) >= max) {
          throw refused;
        }
        return oneMore(current);
      },
    });

  const { ids } = await endsOf(
    storage,
    many(5, () => atMost(7)),
  );

  assert.deepEqual(ids.slice(3), ["app.refused", "app.refused"]);
  assert.equal(storage.document.source["seats"], 7);
  assert.equal(storage.sent.length, 1);
});

it("fails alone what storage refuses", async () => {
  const storage = new VersionedStorage({ seats: 4 });
  storage.before = ({ body }) => {
    if (body["bad"]) {
      throw refused;
    }
  };

  const { ids } = await endsOf(
    storage,
    many(16, (n) =>
      n === 5
        ? anIncrement({
            ...FOLDED,
            compute: () => ({
              unset: [],
              update: anUpdate({ body: { bad: true } }),
            }),
          })
        : anIncrement(FOLDED),
    ),
  );

  assert.deepEqual(
    ids.flatMap((id, n) => (id === "app.refused" ? [n] : [])),
    [5],
  );
  assert.equal(storage.document.source["seats"], 19);
  assert.equal(storage.document.source["bad"], undefined);
});

/** A change that is answered what leaves the document as it is. */
const unchanged = (at: number[]) =>
  anIncrement({
    ...FOLDED,
    compute: ({ source }) => {
      at.push(Number(source["seats"]));
      return { unset: [], update: anUpdate({ body: {} }) };
    },
    skipsUnchanged: true,
  });
const notMet = anIncrement({
  ...FOLDED,
  compute: ({ source }) => {
    throw new BadRequestError(`not met at ${source["seats"]}`, "app.unmet", 1);
  },
});
const bad = anIncrement({
  ...FOLDED,
  compute: () => ({ unset: [], update: anUpdate({ body: { bad: true } }) }),
});

it("gives the error of a write to the changes that it would have stored, and to no other", async () => {
  const storage = new VersionedStorage();
  storage.before = ({ body }) => {
    if (body["bad"]) {
      throw refused;
    }
  };
  const at: number[] = [];
  const same = unchanged(at);

  const { all, ids } = await endsOf(storage, [
    ...[same, notMet, bad, same, notMet, bad],
    ...[anIncrement(FOLDED), same],
  ]);

  const versions = all.map((one) => (one as ChangedDocument)._version);
  assert.deepEqual(
    ids.map((id, n) => (typeof id === "string" ? id : versions[n])),
    [
      ...[3, "app.unmet", "app.refused"],
      ...[3, "app.unmet", "app.refused", 4, 4],
    ],
  );
  // Those behind the refused one were computed again, without it.
  assert.deepEqual(
    [1, 4].map((n) => (all[n] as Error).message),
    ["not met at 4", "not met at 4"],
  );
  assert.ok(at.length > 3);
});

it("gives each change that one write would have stored an error of its own", async () => {
  const storage = new VersionedStorage();
  const at: number[] = [];
  storage.before = () => {
    storage.before = () => {};
    throw new InternalError("lost", "app.lost", 1);
  };

  const { all, ids } = await endsOf(storage, [
    ...[notMet, anIncrement(FOLDED), unchanged(at), anIncrement(FOLDED)],
  ]);

  assert.deepEqual(ids.slice(0, 2), ["app.unmet", "app.lost"]);
  assert.equal(ids[3], "app.lost");
  assert.notEqual(all[1], all[3]);
  assert.ok(all[3] instanceof InternalError);
  // The one in between is decided on the document as it is afterwards.
  assert.equal((all[2] as ChangedDocument)._version, 3);
  assert.deepEqual(at, [5, 4]);
});

it("fails changes that have waited longer than maxWait for those before them", async () => {
  let now = 0;
  mock.method(performance, "now", () => now);
  const storage = new VersionedStorage();
  const slow = anIncrement({
    ...FOLDED,
    compute: (current) => {
      now += 2_000;
      return oneMore(current);
    },
  });

  const { ids } = await endsOf(
    storage,
    many(5, () => slow),
  );

  assert.deepEqual(
    ids.map((id) => typeof id === "string"),
    [false, false, false, true, true],
  );
  assert.deepEqual(
    ids.slice(3),
    Array(2).fill("plugin.document-update.version_conflict"),
  );
  assert.equal(storage.document.source["seats"], 7);
  await settled();
  assert.equal(storage.turns.count, 0);
});

it("fails all changes of one write if its outcome is unknown, and resends none", async () => {
  const storage = new VersionedStorage();
  const lost = new InternalError("lost", "app.lost", 1);
  storage.before = () => {
    throw lost;
  };

  const { all } = await endsOf(
    storage,
    many(8, () => anIncrement(FOLDED)),
  );

  assert.deepEqual(all, Array(8).fill(lost));
  assert.equal(storage.sent.length, 1);
});

it("computes all of them again from what others have written meanwhile", async () => {
  const storage = new VersionedStorage();
  let others = 2;
  storage.before = () => {
    if (others-- > 0) {
      storage.write({ seats: Number(storage.document.source["seats"]) + 100 });
    }
  };

  const answers = await writeAll(
    storage,
    many(4, () => anIncrement(FOLDED)),
  );

  assert.deepEqual(
    answers.map(({ _source }) => _source["seats"]),
    [205, 206, 207, 208],
  );
  assert.equal(storage.sent.length, 3);
});

it("writes alone, in order, what cannot be merged with others", async () => {
  const bodies = [{ a: 1 }, { a: 2 }, { a: { b: 1 } }, { a: { c: 1 } }, {}];
  const storage = new VersionedStorage({ a: 0 });

  const answers = await writeAll(
    storage,
    bodies.map((body) =>
      anIncrement({
        ...FOLDED,
        compute: () => ({ unset: [], update: anUpdate({ body }) }),
      }),
    ),
  );

  assert.deepEqual(
    storage.sent.map(({ body }) => body),
    [{ a: 2 }, { a: { b: 1, c: 1 } }],
  );
  assert.deepEqual(
    answers.map(({ _version }) => _version),
    [4, 4, 5, 5, 5],
  );
  assert.deepEqual(storage.document.source["a"], { b: 1, c: 1 });
});

it("writes each alone if the rules do not allow folding", async () => {
  const rules = { ...everything, isFoldable: () => false };
  const storage = new VersionedStorage(undefined, { rules });

  await writeAll(
    storage,
    many(4, () => anIncrement(FOLDED)),
  );

  assert.equal(storage.document.source["seats"], 8);
  assert.equal(storage.sent.length, 4);
  assert.equal(storage.statistics.folds.cumulative.at(-1)?.[1], 0);
});

it("answers what leaves the document as it is the version that it has then", async () => {
  const same = anAppend(0, {
    compute: () => ({ unset: [], update: anUpdate({ body: {} }) }),
    skipsUnchanged: true,
  });
  const storage = new VersionedStorage({ all: [] });

  const answers = await writeAll(storage, [same, anAppend(1), same]);
  const [unwritten] = await writeAll(storage, [same]);

  assert.deepEqual(
    [...answers, unwritten].map((answer) => answer?._version),
    [3, 4, 4, 4],
  );
  assert.equal(storage.sent.length, 1);
});

it("stops computing before others have waited too long", async () => {
  const storage = new VersionedStorage();
  const slow = anIncrement({
    ...FOLDED,
    compute: async (current) => {
      await setTimeout(60);
      return oneMore(current);
    },
  });

  await writeAll(
    storage,
    many(4, () => slow),
  );

  assert.equal(storage.document.source["seats"], 8);
  assert.ok(storage.sent.length > 1);
});

it("gives all of them the same time, however often they are computed", async () => {
  const storage = new VersionedStorage();
  const instants = new Set<number>();
  let others = 1;
  storage.before = async () => {
    if (others-- > 0) {
      storage.write({});
      await setTimeout(5);
    }
  };

  await writeAll(
    storage,
    many(3, () =>
      anIncrement({
        ...FOLDED,
        compute: async (current, now) => {
          instants.add(now);
          const computed = oneMore(current);
          return { ...computed, takesNow: true };
        },
      }),
    ),
  );

  assert.equal(instants.size, 1);
});

it("computes each in its own asynchronous context, within the turn", async () => {
  const storage = new VersionedStorage();
  const origin = new AsyncLocalStorage<number>();
  const seen: unknown[] = [];
  const changes = many(3, (n) =>
    anIncrement({
      ...FOLDED,
      compute: async (current) => {
        seen.push(origin.getStore());
        // A pipe that writes the document does not wait, in particular not for its own change.
        if (n === 1 && seen.length === 2) {
          await storage.turns.shared(target, () =>
            storage.delegate.write(anUpdate({ body: { ofPipe: true } })),
          );
        }
        return oneMore(current);
      },
    }),
  );

  const answers = await Promise.all(
    changes.map((change, n) =>
      origin.run(n, () => storage.writer.write(target, change)),
    ),
  );

  assert.deepEqual(seen.slice(0, 3), [0, 1, 2]);
  assert.deepEqual(
    answers.map(({ _source }) => _source["seats"]),
    [5, 6, 7],
  );
  assert.equal(storage.document.source["ofPipe"], true);
});

it("refuses those that wait too long, or are too many, but none that is being stored", async () => {
  const storage = new VersionedStorage(undefined, {
    maxPending: 3,
    maxWait: 0,
  });
  let end = () => {};
  storage.before = () => new Promise<void>((resolve) => (end = resolve));
  const outcomes = new Outcomes();
  const write = (change: Change) =>
    outcomes.follow(storage.writer.write(target, change));

  many(4, () => anIncrement(FOLDED)).forEach(write);
  await setTimeout(10);
  many(2, () => anIncrement(FOLDED)).forEach(write);
  await setTimeout(1_100);
  end();
  await setTimeout(10);

  const refusal = "plugin.document-update.too_many_pending";
  const seats = outcomes.all.map((one) => one as ChangedDocument);
  assert.deepEqual(
    seats.map((one, n) => one._source?.["seats"] ?? outcomes.ids[n]),
    [5, 6, 7, 8, refusal, refusal],
  );
});

it("fails all of them if the plugin's own code throws, and lets others have their turn", async () => {
  const { isSurelyValid } = everything;
  const defect = new Error("a defect");
  let isBroken = false;
  const rules = {
    ...everything,
    isSurelyValid: (...args: Parameters<typeof isSurelyValid>) => {
      if (isBroken) {
        throw defect;
      }
      return isSurelyValid(...args);
    },
  };
  const storage = new VersionedStorage(undefined, { rules });
  const two = many(2, () => anIncrement(FOLDED));

  await writeAll(storage, two);
  isBroken = true;
  const { all } = await endsOf(storage, two);
  isBroken = false;
  await writeAll(storage, two);

  assert.deepEqual(all, [defect, defect]);
  assert.equal(storage.document.source["seats"], 8);
  await settled();
  assert.equal(storage.turns.count, 0);
});

it("keeps their write under way where others leave all of them the same, and none that was refused", async () => {
  const aField = (n: number) =>
    anIncrement({
      ...FOLDED,
      compute: () => ({
        unset: [],
        update: anUpdate({ body: { [`field-${n}`]: n } }),
      }),
    });
  const aRefusal = anIncrement({
    ...FOLDED,
    compute: () => Promise.reject(refused),
  });
  for (const [more, sent] of [
    [[], 1],
    [[aRefusal], 2],
  ] as const) {
    const storage = new VersionedStorage({});
    storage.before = () => {
      storage.before = () => {};
      storage.write({ others: true });
    };

    const { ids } = await endsOf(storage, [...many(3, aField), ...more]);

    assert.equal(storage.sent.length, sent);
    assert.deepEqual(storage.document.source, {
      "field-0": 0,
      "field-1": 1,
      "field-2": 2,
      _kuzzle_info: { updater: "joe" },
      others: true,
    });
    assert.deepEqual(
      ids.slice(3),
      more.map(() => "app.refused"),
    );
  }
});
