import assert from "node:assert/strict";
import { it } from "node:test";

import { BadRequestError, type JSONObject } from "kuzzle";

import type { Change } from "../../../lib/change/Change";
import { anIncrement, oneMore, VersionedStorage } from "../../support/aChange";
import { anUpdate, Outcomes, settled } from "../../support/aWrite";
import { refusal } from "../../support/refusal";

const target = anUpdate();
const DOCUMENT = ["nyc-open-data", "yellow-taxi", "liia"] as const;

const aChangeTo = (
  body: JSONObject,
  changes: Partial<Change> = {},
  options = {},
) =>
  anIncrement({
    compute: () => ({ unset: [], update: anUpdate({ body, options }) }),
    ...changes,
  });

/** Makes a change wait for another one, so that it knows the document, while other writers change it. */
async function stale(
  storage: VersionedStorage,
  next: Change,
  others: JSONObject,
) {
  storage.afterNext = () => storage.write(others);
  const first = storage.writer.write(target, anIncrement());
  const following = storage.writer.write(target, next);
  await first;

  return following;
}

it("stores what is computed from the document as it is", async () => {
  const storage = new VersionedStorage();

  const answer = await storage.writer.write(target, anIncrement());

  assert.deepEqual(answer, {
    _id: "liia",
    _source: { _kuzzle_info: { updater: "joe" }, seats: 5 },
    _version: 4,
  });
  assert.equal(storage.document.source["seats"], 5);
  assert.equal(storage.reads, 1);
});

it("tells the fields whose value changed, where it is asked to", async () => {
  const storage = new VersionedStorage({ kept: 1, seats: 4 });

  const { _updatedFields } = await storage.writer.write(
    target,
    aChangeTo({ added: { a: 1 }, kept: 1, seats: 5 }, { tellsFields: true }),
  );

  assert.deepEqual(_updatedFields, ["seats", "added.a"]);
});

it("stores many simultaneous changes, and reads the document once", async () => {
  const storage = new VersionedStorage();

  const answers = await Promise.all(
    Array.from({ length: 64 }, () =>
      storage.writer.write(target, anIncrement()),
    ),
  );

  assert.deepEqual(
    answers.map(({ _source }) => _source["seats"]),
    Array.from({ length: 64 }, (_, n) => n + 5),
  );
  assert.equal(storage.reads, 1);
  assert.equal(storage.turns.count, 0);
});

it("lets the next one begin once a change is stored, before it is answered", async () => {
  const storage = new VersionedStorage();
  let answer = () => {};
  storage.untilAnswered = () =>
    new Promise<void>((resolve) => (answer = resolve));
  const outcomes = new Outcomes();
  outcomes.follow(storage.writer.write(target, anIncrement()));
  await settled();
  storage.untilAnswered = () => {};

  await storage.writer.write(target, anIncrement());

  assert.deepEqual(outcomes.all, ["pending"]);
  assert.equal(storage.document.source["seats"], 6);
  answer();
  await settled();
  assert.notEqual(outcomes.all[0], "pending");
});

it("computes again after other writers, until it is stored", async () => {
  const storage = new VersionedStorage();
  let others = 3;
  storage.before = () => {
    if (others-- > 0) {
      storage.write({ seats: Number(storage.document.source["seats"]) + 10 });
    }
  };

  await storage.writer.write(target, anIncrement());

  assert.equal(storage.document.source["seats"], 35);
  assert.deepEqual(
    storage.sent.map(({ body }) => body["seats"] as unknown),
    [5, 15, 25, 35],
  );
  assert.deepEqual(
    [storage.statistics.conflicts, storage.statistics.retries],
    [3, 3],
  );
});

it("gives up after the longest wait, and lets the next one begin", async () => {
  const storage = new VersionedStorage(undefined, { maxWait: 200 });
  const { before } = storage;
  storage.before = () => storage.write({});
  const outcomes = new Outcomes();
  outcomes.follow(storage.writer.write(target, anIncrement()));
  const next = storage.writer.write(
    target,
    anIncrement({
      compute: (current) => {
        storage.before = before;
        return oneMore(current);
      },
    }),
  );

  assert.equal((await next)._source["seats"], 5);
  assert.deepEqual(outcomes.ids, ["plugin.document-update.version_conflict"]);
  // Only short pauses between its retries, since others wait for the turn.
  assert.ok(storage.sent.length > 3);
});

it("retries once from a read if the known document is outdated, even with maxWait 0", async () => {
  const storage = new VersionedStorage(undefined, { maxWait: 0 });
  storage.before = ({ body }) => {
    if (body["seats"] === 6) {
      storage.before = () => {};
      storage.write({ others: 1 });
    }
  };
  const first = storage.writer.write(target, anIncrement());

  await storage.writer.write(target, anIncrement());
  await first;

  assert.deepEqual(storage.document.source, {
    _kuzzle_info: { updater: "joe" },
    others: 1,
    seats: 6,
  });
  assert.equal(storage.reads, 2);
  assert.deepEqual(
    [storage.statistics.conflicts, storage.statistics.retries],
    [1, 1],
  );
});

it("reads the document before it answers a refusal", async () => {
  const storage = new VersionedStorage();
  const seen: number[] = [];
  const ifFewer = anIncrement({
    compute: ({ source }) => {
      seen.push(source["seats"]);
      if (source["seats"] !== 1) {
        throw new BadRequestError("too many", "app.refused", 1);
      }
      return oneMore({ source });
    },
  });

  const { _source } = await stale(storage, ifFewer, { seats: 1 });

  assert.equal(_source["seats"], 2);
  assert.deepEqual(seen, [5, 1]);
  await assert.rejects(storage.writer.write(target, ifFewer), {
    id: "app.refused",
  });
});

it("reads the document before it treats it as unchanged", async () => {
  const storage = new VersionedStorage();

  await stale(storage, aChangeTo({ seats: 5 }, { skipsUnchanged: true }), {
    seats: 1,
  });

  assert.equal(storage.document.source["seats"], 5);
  assert.equal(storage.reads, 2);
});

it("asks before each write, and not again if the document is outdated", async () => {
  const storage = new VersionedStorage();
  const asked: number[] = [];
  const current = () => storage.document.seqNo;
  const following = anIncrement({
    beforeWrite: async ({ seqNo }) => {
      asked.push(seqNo);
      if (seqNo !== current()) {
        throw new BadRequestError("another one", "app.refused", 1);
      }
    },
  });

  const { _version } = await stale(storage, following, {});

  assert.equal(_version, 6);
  assert.deepEqual(asked, [10, 13]);
});

it("sends nothing that is refused", async () => {
  const storage = new VersionedStorage();

  await assert.rejects(
    storage.writer.write(
      target,
      anIncrement({
        beforeWrite: () =>
          Promise.reject(new BadRequestError("no", "app.refused", 1)),
      }),
    ),
    { id: "app.refused" },
  );

  assert.deepEqual(storage.sent, []);
  assert.equal(storage.turns.count, 0);
});

it("reads the document before it answers what storage refuses", async () => {
  const storage = new VersionedStorage();
  let refusals = 0;
  storage.before = ({ body }) => {
    if (body["bad"]) {
      throw new BadRequestError(String(++refusals), "app.refused", 1);
    }
  };
  const first = storage.writer.write(target, anIncrement());
  const next = storage.writer.write(target, aChangeTo({ bad: true }));
  await first;

  await assert.rejects(next, { id: "app.refused" });
  assert.equal(refusals, 2);
  assert.equal(storage.reads, 2);
});

it("sends nothing again after it was stored, whatever fails then", async () => {
  for (const changes of [{}, { foldedWith: "joe" }]) {
    const storage = new VersionedStorage();
    storage.untilAnswered = () => {
      throw new BadRequestError("later", "app.later", 1);
    };
    const writes = [1, 2, 3].map(() =>
      storage.writer.write(target, anIncrement(changes)),
    );

    const ended = await Promise.allSettled(writes);

    assert.deepEqual(
      ended.map(({ status }) => status),
      Array(3).fill("rejected"),
    );
    assert.equal(storage.document.source["seats"], 7);
  }
});

it("throws every other error, and lets the next one begin with a read", async () => {
  for (const first of [true, false]) {
    const storage = new VersionedStorage();
    const broken = new Error("broken");
    const before = first ? [] : [storage.writer.write(target, anIncrement())];
    const failing = storage.writer.write(target, aChangeTo({ fails: true }));
    const next = storage.writer.write(target, anIncrement());
    storage.before = ({ body }) => {
      if (body["fails"]) {
        throw broken;
      }
    };

    await Promise.all(before);
    await assert.rejects(failing, broken);
    assert.equal((await next)._source["seats"], first ? 5 : 6);
    assert.equal(storage.reads, 2);
    assert.equal(storage.turns.count, 0);
  }
});

it("writes nothing where the document would stay as it is, if it is asked to", async () => {
  const _kuzzle_info = { updater: "ann" };
  const storage = new VersionedStorage({ _kuzzle_info, a: { b: 1 }, seats: 4 });
  const unchanged = (body: JSONObject, options = {}) =>
    storage.writer.write(
      target,
      aChangeTo(body, { skipsUnchanged: true, tellsFields: true }, options),
    );

  assert.deepEqual(await unchanged({ a: { b: 1 }, seats: 4 }), {
    _id: "liia",
    _source: { _kuzzle_info, a: { b: 1 }, seats: 4 },
    _updatedFields: [],
    _version: 3,
  });
  assert.deepEqual(await unchanged({ a: {} }, { source: true }), {
    _id: "liia",
    _source: { _kuzzle_info, a: { b: 1 }, seats: 4 },
    _updatedFields: [],
    _version: 3,
  });
  assert.deepEqual(storage.sent, []);

  const { _updatedFields, _version } = await unchanged({ a: { b: 2 } });
  assert.deepEqual([_updatedFields, _version], [["a.b"], 4]);
});

it("answers a document that has no metadata without any", async () => {
  const storage = new VersionedStorage();

  const { _source } = await storage.writer.write(
    target,
    aChangeTo({ seats: 4 }, { skipsUnchanged: true }),
  );

  assert.deepEqual(_source, { seats: 4 });
});

it("answers what would be stored, and stores nothing, in a dry run", async () => {
  const storage = new VersionedStorage({ gone: 1, o: { a: 1 }, seats: 4 });
  const dry = (unset: readonly string[][], body: JSONObject, source: boolean) =>
    storage.writer.write(target, {
      ...aChangeTo({}),
      compute: () => ({
        unset,
        update: anUpdate({ body, options: { source } }),
      }),
      isDryRun: true,
      skipsUnchanged: true,
      tellsFields: true,
    });
  const _kuzzle_info = { updater: "joe" };

  assert.deepEqual(await dry([], { o: { b: 2 } }, true), {
    _id: "liia",
    _source: { _kuzzle_info, gone: 1, o: { a: 1, b: 2 }, seats: 4 },
    _updatedFields: ["o.b"],
    _version: 3,
  });
  assert.deepEqual(await dry([], { o: { b: 2 } }, false), {
    _id: "liia",
    _source: { _kuzzle_info, o: { b: 2 } },
    _updatedFields: ["o.b"],
    _version: 3,
  });
  assert.deepEqual((await dry([["gone"]], { gone: null }, true))._source, {
    _kuzzle_info,
    o: { a: 1 },
    seats: 4,
  });
  assert.equal(storage.document.version, 3);
});

const ofVersion = (expected: number) =>
  aChangeTo(
    { seats: 9 },
    {
      compute: ({ version }) => {
        if (version !== expected) {
          throw new Error(`It has version ${version}.`);
        }
        return { unset: [], update: anUpdate({ body: { seats: 9 } }) };
      },
      needsVersionAlone: true,
    },
  );

it("does not read a document again for its version", async () => {
  const storage = new VersionedStorage();
  await storage.writer.write(target, ofVersion(3));
  await storage.writer.write(target, ofVersion(4));
  await storage.writer.write(target, ofVersion(5));
  assert.equal(storage.reads, 1);

  // The content of the document is not remembered.
  await storage.writer.write(target, anIncrement());

  assert.equal(storage.reads, 2);
  assert.equal(storage.document.source["seats"], 10);
  assert.equal(storage.document.version, 7);
});

it("reads a document whose version others have changed, or is another one than it remembers", async () => {
  const storage = new VersionedStorage();
  await storage.writer.write(target, ofVersion(3));
  storage.write({ seats: 1 });

  await assert.rejects(
    storage.writer.write(target, ofVersion(4)),
    /It has version 5/,
  );
  await storage.writer.write(target, ofVersion(5));
  storage.write({ seats: 1 });
  await storage.writer.write(target, ofVersion(7));

  assert.equal(storage.document.version, 8);
  assert.equal(storage.document.source["seats"], 9);
});

it("stores a document without the removed fields", async () => {
  const storage = new VersionedStorage({ gone: 1, seats: 4 });

  const { _updatedFields } = await storage.writer.write(target, {
    ...anIncrement({ tellsFields: true }),
    compute: () => ({
      unset: [["gone"]],
      update: anUpdate({ body: { gone: null, seats: 5 } }),
    }),
  });

  assert.deepEqual(_updatedFields, ["seats", "gone"]);
  assert.deepEqual(storage.document.source, {
    _kuzzle_info: { updater: "joe" },
    seats: 5,
  });
});

it("fails a change at once if its own pipe writes the document, with the cause", async () => {
  for (const others of [0, 1]) {
    const storage = new VersionedStorage();
    const overtaking = anUpdate({ body: { overtaken: true } });
    const waiting = Array.from({ length: others }, () =>
      storage.writer.write(target, anIncrement()),
    );
    const overtaken = storage.writer.write(target, aChangeTo({ own: true }));
    storage.before = async ({ body }) => {
      if (body["own"]) {
        await storage.turns.shared(target, () =>
          storage.delegate.write(overtaking),
        );
      }
    };

    await assert.rejects(overtaken, (error: Error) => {
      refusal("changed_by_pipe", ...DOCUMENT)(error as never);
      assert.match((error.cause as Error).message, /version conflict/);
      return true;
    });
    await Promise.all(waiting);
    assert.equal(storage.document.source["own"], undefined);
    assert.equal(storage.document.source["overtaken"], true);
    assert.equal(storage.sent.length, 2 + others);
  }
});

it("stores changes during a turn of another document, too", async () => {
  const storage = new VersionedStorage();
  const other = anUpdate({ _id: "lea" });

  const answer = await storage.turns.alone(other, () =>
    storage.writer.write(target, anIncrement()),
  );

  assert.equal(answer._source["seats"], 5);
  await settled();
  assert.equal(storage.turns.count, 0);
});

it("retries after other writers, even if a pipe wrote before the read", async () => {
  const storage = new VersionedStorage();
  let computed = 0;
  storage.before = ({ body }) => {
    if (body["own"] && computed === 2) {
      storage.write({ others: true });
    }
  };
  const next = aChangeTo(
    {},
    {
      compute: async () => {
        if (++computed === 1) {
          await storage.turns.shared(target, () =>
            storage.delegate.write(anUpdate({ body: { ofPipe: true } })),
          );
          throw new Error("of a pipe");
        }
        return { unset: [], update: anUpdate({ body: { own: true } }) };
      },
    },
  );

  await stale(storage, next, {});

  assert.equal(computed, 3);
  assert.deepEqual(
    ["ofPipe", "others", "own"].map((name) => storage.document.source[name]),
    [true, true, true],
  );
});

/** A change that is the same whatever others have written. */
const red = () => ({
  unset: [],
  update: anUpdate({ body: { color: "red" } }),
});
const aColor = (changes: Partial<Change> = {}) =>
  anIncrement({ compute: red, ...changes });

it("sends a change once through Kuzzle if it stays the same, and reports what it finally changed", async () => {
  const storage = new VersionedStorage({ color: "blue" });
  const asked: number[] = [];
  storage.before = () => storage.write({ others: 1 });
  let renewals = 0;
  storage.afterRenewal = () => {
    if (++renewals === 1) {
      storage.write({ color: "red" });
    }
  };

  const { _updatedFields } = await storage.writer.write(
    target,
    aColor({
      beforeWrite: async ({ seqNo }) => {
        asked.push(seqNo);
      },
      tellsFields: true,
    }),
  );

  assert.equal(storage.sent.length, 1);
  assert.deepEqual(_updatedFields, []);
  assert.deepEqual(asked, [7, 10, 13]);
  assert.deepEqual(
    [storage.statistics.conflicts, storage.statistics.retries],
    [2, 2],
  );
});

it("sends a change through Kuzzle again if it differs now, is refused, or changes nothing", async () => {
  const refused = new BadRequestError("no", "app.refused", 1);
  const others: readonly Partial<Change>[] = [
    {
      compute: (_current, _now, isUnderWay) => (isUnderWay ? undefined : red()),
    },
    {
      compute: (_current, _now, isUnderWay) =>
        isUnderWay ? Promise.reject(refused) : red(),
    },
    { skipsUnchanged: true },
  ];
  for (const change of others) {
    const storage = new VersionedStorage({ color: "blue" });
    storage.before = () => {
      storage.before = () => {};
      storage.write({ color: "red" });
    };

    await storage.writer.write(target, aColor(change));

    assert.equal(storage.reads, 3);
    assert.equal(storage.sent.length, change.skipsUnchanged ? 1 : 2);
  }
});

it("retries from the start if the document cannot be read during its write", async () => {
  const storage = new VersionedStorage({});
  storage.before = () => {
    storage.before = () => {};
    storage.write({ others: true });
    storage.onRead = () => {
      storage.onRead = () => {};
      throw new Error("not read");
    };
  };

  await storage.writer.write(target, aColor());

  assert.equal(storage.document.source["color"], "red");
  assert.equal(storage.sent.length, 2);
});

it("gives a write no new condition after maxWait, nor if its own pipe has written", async () => {
  const late = new VersionedStorage(undefined, { maxWait: 0 });
  late.before = () => late.write({});
  await assert.rejects(
    late.writer.write(target, aColor()),
    refusal("version_conflict", ...DOCUMENT),
  );

  const overtaken = new VersionedStorage();
  overtaken.before = () =>
    overtaken.turns.shared(target, async () => overtaken.write({}));
  await assert.rejects(
    overtaken.writer.write(target, aColor()),
    refusal("changed_by_pipe", ...DOCUMENT),
  );

  assert.deepEqual([late.sent.length, overtaken.sent.length], [1, 1]);
});
