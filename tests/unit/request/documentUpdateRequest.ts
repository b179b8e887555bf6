import assert from "node:assert/strict";
import { before, it } from "node:test";

import { BadRequestError } from "kuzzle";

import {
  answerWith,
  toDocumentUpdate,
} from "../../../lib/request/nativeRequest";
import { aRequest, FakeKuzzle } from "../../support/fakeKuzzle";

before(() => new FakeKuzzle());

it("makes a document:update of the same arguments, id, moment and context", () => {
  const incoming = aRequest({
    anything: "else",
    jwt: "a-token",
    silent: true,
    volatile: { trace: 1 },
  });

  const request = toDocumentUpdate(incoming);

  assert.equal(request.input.controller, "document");
  assert.equal(request.input.action, "update");
  assert.deepEqual(request.input.args, incoming.input.args);
  assert.deepEqual(request.input.body, incoming.input.body);
  assert.deepEqual(request.input.volatile, incoming.input.volatile);
  assert.equal(request.input.jwt, "a-token");
  assert.equal(request.id, incoming.id);
  assert.equal(request.timestamp, incoming.timestamp);
  assert.equal(request.context.user, incoming.context.user);
  assert.deepEqual(
    request.context.connection.toJSON(),
    incoming.context.connection.toJSON(),
  );
});

it("keeps a timestamp that the client sent among the arguments", () => {
  const request = toDocumentUpdate(aRequest({ timestamp: 1700000000000 }));

  assert.equal(request.input.args["timestamp"], 1700000000000);
});

it("leaves the incoming request as it was", () => {
  const incoming = aRequest();
  const before = JSON.stringify(incoming.pojo());

  const request = toDocumentUpdate(incoming);
  request.input.args["_id"] = "other";
  request.getBoolean("silent");

  assert.equal(JSON.stringify(incoming.pojo()), before);
});

it("starts from the headers that Kuzzle gave the answer", () => {
  const incoming = aRequest();
  incoming.response.setHeader("Vary", "Origin");

  assert.equal(toDocumentUpdate(incoming).response.getHeader("vary"), "Origin");
});

it("tells of the deprecated verb as natively, in development alone", () => {
  const context = { connection: { id: "a", protocol: "http", verb: "PUT" } };
  const mode = global.NODE_ENV;

  try {
    global.NODE_ENV = "production";
    assert.equal(
      toDocumentUpdate(aRequest({}, context)).deprecations,
      undefined,
    );
    global.NODE_ENV = "development";
    assert.deepEqual(toDocumentUpdate(aRequest({}, context)).deprecations, [
      {
        message: 'Use "document:update" route with PATCH instead of PUT',
        version: "2.11.0",
      },
    ]);
  } finally {
    global.NODE_ENV = mode;
  }
});

it("answers with the result, the status and the format of the outcome", () => {
  const incoming = aRequest();
  const outcome = aRequest();
  outcome.setResult({ bare: true }, { raw: true, status: 203 });

  assert.deepEqual(answerWith(outcome, incoming), { bare: true });
  assert.equal(incoming.status, 203);
  assert.equal(incoming.response.raw, true);
});

it("answers with the headers of the outcome, in the body those that were configured", () => {
  const incoming = aRequest();
  incoming.response.setHeader("X-Removed", "gone");
  const outcome = aRequest();
  outcome.response.setHeader("X-Hidden", "one");
  outcome.response.setHeader("Set-Cookie", "a=1");
  outcome.response.setHeader("Set-Cookie", "b=2");
  outcome.response.configure({ headers: { "X-Shown": "two" } });

  answerWith(outcome, incoming);

  const { content, headers } = incoming.response.toJSON();
  assert.deepEqual(
    { ...headers },
    {
      "Set-Cookie": ["a=1", "b=2"],
      "X-Hidden": "one",
      "X-Kuzzle-Node": "a-node",
      "X-Shown": "two",
    },
  );
  assert.deepEqual(content.headers, { "x-shown": "two" });
});

it("answers with the target and the volatile that pipes left", () => {
  const incoming = aRequest({ volatile: { a: 1 } });
  const outcome = aRequest({ collection: "elsewhere", volatile: { b: 2 } });

  answerWith(outcome, incoming);

  assert.equal(incoming.response.collection, "elsewhere");
  assert.equal(incoming.response.index, "nyc-open-data");
  assert.deepEqual(incoming.response.volatile, { b: 2 });
});

it("answers with the deprecations of the outcome", () => {
  const mode = global.NODE_ENV;
  try {
    global.NODE_ENV = "development";
    const incoming = aRequest();
    const outcome = aRequest();
    outcome.addDeprecation("1.2.3", "old");

    answerWith(outcome, incoming);

    assert.deepEqual(incoming.deprecations, [
      { message: "old", version: "1.2.3" },
    ]);
  } finally {
    global.NODE_ENV = mode;
  }
});

it("throws the error of the outcome, and leaves the result of the write beside it", () => {
  const error = new BadRequestError("veto", "app.veto", 1);
  const incoming = aRequest();
  const outcome = aRequest();
  outcome.setResult({ _id: "liia" });
  outcome.setError(error);

  assert.throws(
    () => answerWith(outcome, incoming),
    (found) => found === error,
  );
  assert.deepEqual(incoming.result, { _id: "liia" });
  assert.equal(incoming.status, 400);
});
