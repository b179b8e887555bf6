import assert from "node:assert/strict";
import { it, mock } from "node:test";

import {
  BadRequestError,
  InternalError,
  KuzzleError,
  NotFoundError,
} from "kuzzle";

import { UpdateStatistics } from "../../../lib/statistics/UpdateStatistics";
import {
  isVersionConflict,
  versionConflict,
} from "../../../lib/write/outcomes";
import { writeUntilStored } from "../../../lib/write/plainUpdates";
import { aConflict, anUpdate } from "../../support/aWrite";

const document = { _id: "liia", _source: {}, _version: 2 };

/** Writes that conflict, with the longest possible random pauses, which take no time here. */
async function write(errors: readonly unknown[], maxWait: number) {
  let now = 0;
  const pauses: number[] = [];
  mock.method(performance, "now", () => now);
  mock.method(Math, "random", () => 1);
  mock.timers.enable({ apis: ["setTimeout"] });
  const statistics = new UpdateStatistics();
  const left = [...errors];
  const writing = writeUntilStored(
    async () => {
      if (left.length === 0) {
        return document;
      }
      throw left.shift();
    },
    anUpdate(),
    maxWait,
    statistics,
  );
  let isOver = false;
  const end = () => (isOver = true);
  writing.then(end, end);
  const turn = () => new Promise(setImmediate);
  try {
    for (let waited = 0; ;) {
      await turn();
      if (isOver) {
        return { pauses, statistics, written: await writing };
      }
      const before = statistics.retries;
      while (statistics.retries === before) {
        now++;
        waited++;
        mock.timers.tick(1);
        await turn();
      }
      pauses.push(waited);
      waited = 0;
    }
  } catch (error) {
    return { error, pauses, statistics };
  } finally {
    mock.timers.reset();
    mock.restoreAll();
  }
}

it("writes once if there is no conflict", async () => {
  const { pauses, statistics, written } = await write([], 5_000);

  assert.equal(written, document);
  assert.deepEqual(pauses, []);
  assert.deepEqual([statistics.conflicts, statistics.retries], [0, 0]);
});

it("pauses after each conflict, twice as long as before up to a fifth of a second", async () => {
  const { pauses, statistics, written } = await write(
    Array.from({ length: 7 }, () => aConflict()),
    5_000,
  );

  assert.equal(written, document);
  assert.deepEqual(pauses, [10, 20, 40, 80, 160, 200, 200]);
  assert.deepEqual([statistics.conflicts, statistics.retries], [7, 7]);
});

it("pauses until the deadline at most, and then tries a last time", async () => {
  const conflicts = Array.from({ length: 4 }, () => aConflict());
  const { error, pauses, statistics } = await write(conflicts, 45);

  assert.deepEqual(pauses, [10, 20, 15]);
  assert.equal(
    (error as { id: string }).id,
    "plugin.document-update.version_conflict",
  );
  assert.equal((error as Error).cause, conflicts[3]);
  assert.deepEqual([statistics.conflicts, statistics.retries], [4, 3]);
});

it("throws any other error unchanged, and does not retry", async () => {
  for (const native of [
    new BadRequestError("native", "native.error", 1),
    aConflict("another"),
    "no error at all",
  ]) {
    const { error, statistics } = await write([native], 5_000);

    assert.equal(error, native);
    assert.deepEqual([statistics.conflicts, statistics.retries], [0, 0]);
  }
});

const target = {
  _id: "liia",
  collection: "yellow-taxi",
  index: "nyc-open-data",
};
const UNEXPECTED = "services.storage.unexpected_error";

const unexpected = (message: string) =>
  new KuzzleError(message, 500, UNEXPECTED, 0x01010001);

it("recognises a conflict by Elasticsearch's message", () => {
  for (const message of [
    "[liia]: version conflict, required seqNo [3], primary term [1]. current document has seqNo [4] and primary term [1]",
    "[liia]: version conflict, required seqNo [3], primary term [1]. but no document was found",
    "[_doc][liia]: version conflict, current version [2] is different than the one provided [1]",
    "version_conflict_engine_exception: [version_conflict_engine_exception] Reason: too late",
  ]) {
    assert.ok(isVersionConflict(unexpected(message), target), message);
  }
});

it("takes no other error for a conflict", () => {
  for (const error of [
    unexpected("[other]: version conflict, required seqNo [3]"),
    unexpected("no space left: version conflict"),
    new NotFoundError(
      "[liia]: version conflict",
      "services.storage.not_found",
      1,
    ),
    new InternalError("[liia]: version conflict", "core.fatal", 1),
    new Error("[liia]: version conflict"),
    "[liia]: version conflict",
    undefined,
  ]) {
    assert.ok(!isVersionConflict(error, target), String(error));
  }
});

it("names the document, and keeps what native said", () => {
  const native = unexpected("[liia]: version conflict");

  const error = versionConflict(target, native);

  assert.equal(error.id, "plugin.document-update.version_conflict");
  assert.equal(error.status, 409);
  assert.deepEqual(error.props, ["nyc-open-data", "yellow-taxi", "liia"]);
  assert.equal(error.cause, native);
  assert.match(error.message, /"nyc-open-data\/yellow-taxi\/liia"/);
});
