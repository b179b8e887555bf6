import assert from "node:assert/strict";
import { it } from "node:test";

import { InternalError, KuzzleError, NotFoundError } from "kuzzle";

import {
  isVersionConflict,
  versionConflict,
} from "../../../lib/write/delegateUpdate";

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
