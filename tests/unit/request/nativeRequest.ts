import assert from "node:assert/strict";
import { before, it } from "node:test";

import { BadRequestError } from "kuzzle";

import {
  answerWith,
  asDocumentUpdate,
  isView,
} from "../../../lib/request/nativeRequest";
import { aRequest, FakeKuzzle } from "../../support/fakeKuzzle";

before(() => new FakeKuzzle());

it("sees a request as a document:update", () => {
  const incoming = aRequest({
    anything: "else",
    jwt: "a-token",
    silent: true,
    timestamp: 1700000000000,
    volatile: { trace: 1 },
  });

  const view = asDocumentUpdate(incoming);

  assert.deepEqual(
    [view.getController(), view.getAction(), view.response.controller],
    ["document", "update", "document-update"],
  );
  const native = { action: "update", controller: "document" };
  const of = incoming.pojo();
  assert.deepEqual(view.pojo(), { ...of, input: { ...of.input, ...native } });
  const { data, ...others } = incoming.serialize();
  assert.deepEqual(view.serialize(), {
    ...others,
    data: { ...data, ...native },
  });
  // Also if a pipe gives either another name.
  view.input.controller = "document-update";
  incoming.response.toJSON();
  assert.deepEqual([isView(view), isView(incoming)], [true, false]);
});

it("does to a request what a pipe does to its view", () => {
  const incoming = aRequest();
  const view = asDocumentUpdate(incoming);

  // Whether Kuzzle has made the response before or not.
  view.response.setHeader("X-Taxi", "yellow");
  view.input.args["collection"] = "elsewhere";
  view.input.body = { seats: 6 };
  view.input.volatile = { by: "a pipe" };
  view.setResult({ bare: true }, { raw: true, status: 203 });

  assert.equal(incoming.response.getHeader("x-taxi"), "yellow");
  assert.equal(incoming.response.collection, "elsewhere");
  assert.deepEqual(incoming.input.body, { seats: 6 });
  assert.deepEqual(incoming.response.volatile, { by: "a pipe" });
  assert.deepEqual(answerWith(view, incoming), { bare: true });
  assert.deepEqual([incoming.status, incoming.response.raw], [203, true]);
  assert.equal(incoming.input.controller, "document-update");
});

it("leaves what a view has of its own", () => {
  const incoming = aRequest();
  const { args, body } = incoming.input;
  const view = asDocumentUpdate(incoming, { args: { ...args }, body: {} });

  view.input.args["_id"] = "other";
  view.input.body = { seats: 6 };

  assert.equal(view.getId(), "other");
  assert.deepEqual(view.getBody(), { seats: 6 });
  assert.equal(incoming.getId(), "liia");
  assert.equal(incoming.input.body, body);
});

it("answers as another request, which a pipe has returned", () => {
  const mode = global.NODE_ENV;
  try {
    global.NODE_ENV = "development";
    const incoming = aRequest({ volatile: { a: 1 } });
    incoming.response.setHeader("X-Removed", "gone");
    incoming.setError(new BadRequestError("recovered from", "app.veto", 1));
    const other = aRequest({ collection: "elsewhere", volatile: { b: 2 } });
    other.setResult({ bare: true }, { status: 203 });
    other.response.setHeader("X-Hidden", "one");
    other.response.setHeader("Set-Cookie", "a=1");
    other.response.setHeader("Set-Cookie", "b=2");
    other.response.configure({ headers: { "X-Shown": "two" } });
    other.addDeprecation("1.2.3", "old");

    assert.deepEqual(answerWith(other, incoming), { bare: true });

    const { id: requestId } = incoming;
    const { content, ...rest } = other.response.toJSON();
    assert.deepEqual(incoming.response.toJSON(), {
      ...rest,
      content: { ...content, requestId },
      requestId,
    });
    // The format leaves out the rest.
    other.response.raw = true;
    answerWith(other, incoming);
    assert.equal(incoming.response.raw, true);
  } finally {
    global.NODE_ENV = mode;
  }
});

it("throws the error of the outcome, and leaves the result of the write beside it", () => {
  const error = new BadRequestError("veto", "app.veto", 1);

  for (const outcomeOf of [asDocumentUpdate, () => aRequest()]) {
    const incoming = aRequest();
    const outcome = outcomeOf(incoming);
    outcome.setResult({ _id: "liia" });
    outcome.setError(error);

    assert.throws(
      () => answerWith(outcome, incoming),
      (found) => found === error,
    );
    assert.deepEqual(incoming.result, { _id: "liia" });
    assert.equal(incoming.status, 400);
  }
});
