import assert from "node:assert/strict";
import { before, it } from "node:test";

import { readUpdateArguments } from "../../../lib/request/nativeRequest";
import { aRequest, FakeKuzzle } from "../../support/fakeKuzzle";

const idOf = (data: Record<string, unknown>, context = {}): unknown => {
  try {
    readUpdateArguments(aRequest(data, context));
    return "accepted";
  } catch (error) {
    return (error as { id: unknown }).id;
  }
};

before(() => new FakeKuzzle());

it("reads the target, the changes, the caller and the options", () => {
  const plain = aRequest();
  const request = aRequest({
    refresh: "wait_for",
    requestId: "a-request",
    retryOnConflict: 3,
    silent: true,
    source: true,
    volatile: { trace: 1 },
  });

  assert.deepEqual(readUpdateArguments(request), {
    _id: "liia",
    body: { seats: 5 },
    collection: "yellow-taxi",
    context: request.context,
    index: "nyc-open-data",
    options: {
      refresh: "wait_for",
      requestId: "a-request",
      retryOnConflict: 3,
      silent: true,
      source: true,
      timestamp: request.timestamp,
      volatile: { trace: 1 },
    },
  });
  // What the client did not give is left out.
  const { id: requestId, timestamp } = plain;
  const flags = { silent: false, source: false };
  assert.deepEqual(readUpdateArguments(plain).options, {
    ...flags,
    requestId,
    timestamp,
    volatile: null,
  });
});

it("takes a flag of the query string for true, whatever its value", () => {
  const { options } = readUpdateArguments(
    aRequest(
      { silent: "false" },
      { connection: { id: "a", protocol: "http" } },
    ),
  );

  assert.equal(options.silent, true);
  assert.equal(options.source, false);
});

it("refuses each wrong argument with the native error", () => {
  assert.equal(idOf({ _id: undefined }), "api.assert.missing_argument");
  assert.equal(idOf({ _id: 42 }), "api.assert.invalid_type");
  assert.equal(idOf({ body: undefined }), "api.assert.body_required");
  assert.equal(idOf({ silent: "yes" }), "api.assert.invalid_type");
  assert.equal(idOf({ refresh: true }), "api.assert.invalid_type");
  assert.equal(idOf({ source: 1 }), "api.assert.invalid_type");
  assert.equal(idOf({ index: "" }), "api.assert.missing_argument");
  assert.equal(idOf({ collection: undefined }), "api.assert.missing_argument");
});

it("reads the arguments in the native order: the first that is wrong decides the error", () => {
  const wrong = {
    _id: 42,
    body: undefined,
    collection: "",
    refresh: 1,
    silent: 1,
    source: 1,
  };

  assert.equal(idOf(wrong), "api.assert.invalid_type");
  assert.equal(idOf({ ...wrong, _id: "a" }), "api.assert.body_required");
});
