import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { it } from "node:test";

import { KuzzleError } from "kuzzle";

import {
  type ChangeTools,
  ChangeWriter,
} from "../../../lib/change/ChangeWriter";
import { type Change, decide, type Member } from "../../../lib/change/decide";
import type { RequestContext } from "../../../lib/kuzzle/application";
import { UpdateStatistics } from "../../../lib/statistics/UpdateStatistics";
import { DocumentQueues } from "../../../lib/write/DocumentQueues";
import type { UpdateArguments } from "../../../lib/write/delegateUpdate";

const target = { _id: "liia", collection: "taxis", index: "iot" };
const current = { primaryTerm: 1, seqNo: 7, source: { seats: 4 }, version: 3 };
const context = {
  connection: { id: "a", protocol: "websocket" },
  user: { _id: "joe" },
} as unknown as RequestContext;

const aChange = (body: object, more: Partial<Change> = {}): Change => ({
  compute: () => ({
    unset: [],
    update: {
      ...target,
      body,
      context,
      options: { silent: false, source: false, volatile: null },
    } as unknown as UpdateArguments,
  }),
  connectionId: "a",
  isDryRun: false,
  skipsUnchanged: false,
  tellsFields: false,
  ...more,
});

const aWriter = (
  writeIf: ChangeTools["delegate"]["writeIf"],
  maxWait = 2_000,
) =>
  new ChangeWriter({
    delegate: { writeIf } as ChangeTools["delegate"],
    maxWait,
    queues: new DocumentQueues({ maxPending: 10, maxWait }),
    read: async () => current,
    statistics: new UpdateStatistics(),
  });

const stored: ChangeTools["delegate"]["writeIf"] = async ({ body }) => ({
  _id: "liia",
  _source: body,
  _version: 4,
});

const members = (...bodies: object[]): Member[] =>
  bodies.map((body) => ({ change: aChange(body), within: (run) => run() }));

it("sums up changes as long as one write can store them", async () => {
  const occasion = { isUnderWay: false, now: 0 };
  const counted = async (...bodies: object[]) =>
    (await decide(current, members(...bodies), occasion)).length;

  assert.equal(await counted({ a: 1 }, { b: 2 }), 2);
  assert.equal(await counted({ a: 1 }, { a: { b: 2 } }, { c: 3 }), 1);
  assert.equal(await counted({ constructor: 1 }, { b: 2 }), 1);
});

it("tells the error of the document to all whose write it has refused", async () => {
  const gone = new KuzzleError("gone", 404, "services.storage.not_found", 1);
  const writer = aWriter(async () => {
    throw gone;
  });

  const outcomes = await Promise.allSettled(
    [1, 2, 3].map((n) =>
      writer.write(target, aChange({ n }, { foldedWith: "x" })),
    ),
  );

  assert.deepEqual(
    outcomes.map(
      (each) => each.status === "rejected" && (each.reason as KuzzleError).id,
    ),
    [1, 2, 3].map(() => "services.storage.not_found"),
  );
});

it("tells nobody else the error of a document that a pipe of a write has looked for", async () => {
  const hers = new KuzzleError("hers", 404, "services.storage.not_found", 1);
  const writer = aWriter((update, on) => {
    if (update.body["by"] === "alice") {
      throw hers;
    }
    return stored(update, on);
  });

  const [, alice, bob] = await Promise.allSettled(
    // They wait behind the first.
    ["ann", "alice", "bob"].map((by) => writer.write(target, aChange({ by }))),
  );

  assert.equal(alice?.status, "rejected");
  assert.equal(bob?.status, "fulfilled");
});

it("tells who waited for its turn that it has waited, and who conflicted of other writers", async () => {
  const conflict = new KuzzleError(
    "[liia]: version conflict, required seqNo [1]",
    500,
    "services.storage.unexpected_error",
    1,
  );
  const idOf = async (ms: number, count: number, maxWait = 200) => {
    let writes = 0;
    const writer = aWriter(async (update, on) => {
      await setTimeout(++writes < count ? ms : 1);
      if (writes >= count) {
        throw conflict;
      }
      return stored(update, on);
    }, maxWait);
    const all = Array.from({ length: count }, () =>
      writer.write(target, aChange({ a: 1 })),
    );
    const last = (await Promise.allSettled(all)).at(-1)!;
    const { cause, id } = (last as { reason: KuzzleError }).reason;
    assert.equal(cause, conflict);
    return id.replace("plugin.document-update.", "");
  };

  assert.equal(await idOf(150, 2), "timed_out");
  assert.equal(await idOf(0, 1), "version_conflict");
  assert.equal(await idOf(0, 1, 0), "version_conflict");
  assert.equal(await idOf(30, 2, 0), "version_conflict");
});

it("takes a change whose pipes are slow out of its fold, and stores it after them", async () => {
  const writer = aWriter(stored);
  const slow = aChange({ slow: true }, { foldedWith: "x" });
  const { compute } = slow;
  let calls = 0;

  const answers = await Promise.all([
    writer.write(target, aChange({ first: true }, { foldedWith: "x" })),
    writer.write(target, {
      ...slow,
      compute: async (...of) => {
        if (++calls === 1) {
          await setTimeout(250);
        }
        return compute(...of);
      },
    }),
    writer.write(target, aChange({ quick: true }, { foldedWith: "x" })),
  ]);

  assert.deepEqual(
    answers.map(({ _source }) => Object.keys(_source)[0]),
    ["first", "slow", "quick"],
  );
  assert.equal(calls, 2);
});

it("does not evaluate a slow change again, as its document is read again, until it has been evaluated", async () => {
  const writer = aWriter((update, on) => {
    on.onStored?.({ copy: () => current, version: current });
    return stored(update, on);
  });
  let running = 0;
  let most = 0;
  const answers = await Promise.all([
    // Those after it know the document that it has stored, and read it again before they decide an error.
    writer.write(target, aChange({ first: true })),
    writer.write(target, aChange({ second: true }, { foldedWith: "x" })),
    writer.write(
      target,
      aChange(
        { third: true },
        {
          beforeWrite: async () => {
            most = Math.max(most, ++running);
            await setTimeout(250);
            running--;
          },
          foldedWith: "x",
        },
      ),
    ),
  ]);

  assert.deepEqual(
    answers.map(({ _source }) => Object.keys(_source)[0]),
    ["first", "second", "third"],
  );
  assert.equal(most, 1);
});

it("leaves nobody waiting after a defect", async () => {
  const writer = aWriter(stored);
  const breaking = Object.defineProperty(aChange({}), "needsVersionAlone", {
    get: () => {
      throw new Error("a defect");
    },
  });

  await assert.rejects(writer.write(target, breaking), /a defect/);
  assert.equal((await writer.write(target, aChange({ a: 1 })))._version, 4);
});
