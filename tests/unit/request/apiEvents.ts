import assert from "node:assert/strict";
import { it } from "node:test";
import { inspect } from "node:util";

import { BadRequestError, type KuzzleRequest } from "kuzzle";
import * as kerror from "kuzzle/dist/lib/kerror";

import {
  type ActionOutcome,
  withApiEvents,
} from "../../../lib/request/apiEvents";
import { aRequest, FakeKuzzle } from "../../support/fakeKuzzle";

const GENERIC_BEFORE = "generic:document:beforeUpdate";
const BEFORE = "document:beforeUpdate";
const AFTER = "document:afterUpdate";
const GENERIC_AFTER = "generic:document:afterUpdate";
const ERROR = "document:errorUpdate";

const written = { _id: "liia", _source: { seats: 5 }, _version: 2 };
const write = async () => ({ isQuiet: false, result: written });
/** Runs an action as `update` does: on what the before events return. */
const withEvents = (
  request: KuzzleRequest,
  action: (request: KuzzleRequest) => Promise<ActionOutcome>,
) =>
  withApiEvents(request, async (fireBefore) =>
    action(await fireBefore(request)),
  );
const veto = new BadRequestError("no", "app.veto", 1);
const fail = (error: unknown) => () => Promise.reject(error);

it("fires each event once, in the native order, around the action", async () => {
  const kuzzle = new FakeKuzzle();
  const order: string[] = [];

  await withApiEvents(aRequest(), async (fireBefore) => {
    await fireBefore(aRequest());
    order.push(...kuzzle.events);
    return write();
  });

  assert.deepEqual(order, [GENERIC_BEFORE, BEFORE]);
  assert.deepEqual(kuzzle.events, [
    GENERIC_BEFORE,
    BEFORE,
    AFTER,
    GENERIC_AFTER,
  ]);
});

it("gives the generic events the documents of the request, or of the result", async () => {
  const kuzzle = new FakeKuzzle();
  const request = aRequest();

  const outcome = await withEvents(request, write);

  assert.deepEqual(kuzzle.fired[0]?.args, [
    [{ _id: "liia", _source: { seats: 5 } }],
    request,
  ]);
  assert.deepEqual(kuzzle.fired[3]?.args, [[written], request]);
  assert.equal(outcome.status, 200);
  assert.deepEqual(outcome.result, written);
});

it("runs the action on what the before events return", async () => {
  const other = aRequest({ _id: "other" });
  new FakeKuzzle({ [BEFORE]: () => other });
  let seen: KuzzleRequest | undefined;

  await withEvents(aRequest(), async (request) => {
    seen = request;
    return write();
  });

  assert.equal(seen, other);
});

it("takes the id and the changes that a pipe of the generic event returns", async () => {
  new FakeKuzzle({
    [GENERIC_BEFORE]: () => [{ _id: "other", _source: { seats: 9 } }],
  });
  const request = aRequest();

  await withEvents(request, write);

  assert.equal(request.input.args["_id"], "other");
  assert.deepEqual(request.input.body, { seats: 9 });
});

it("takes the result that a pipe of the generic after event returns", async () => {
  new FakeKuzzle({ [GENERIC_AFTER]: () => [{ _id: "seen" }] });

  const { result } = await withEvents(aRequest(), write);

  assert.deepEqual(result, { _id: "seen" });
});

it("shows the generic after event the request's document where a pipe left no result", async () => {
  const kuzzle = new FakeKuzzle({
    [AFTER]: (request) => {
      (request as KuzzleRequest).setResult(null);
      return request;
    },
  });

  await withEvents(aRequest(), write);

  assert.deepEqual(kuzzle.fired[3]?.args[0], [
    { _id: "liia", _source: { seats: 5 } },
  ]);
});

it("keeps the status that a before event gave the request", async () => {
  new FakeKuzzle({
    [BEFORE]: (request) => {
      (request as KuzzleRequest).status = 202;
      return request;
    },
  });

  assert.equal((await withEvents(aRequest(), write)).status, 202);
});

it("answers the error of an event that vetoes, beside the result if it came after the write", async () => {
  for (const [event, isWritten] of [
    [GENERIC_BEFORE, false],
    [BEFORE, false],
    [AFTER, true],
    [GENERIC_AFTER, true],
  ] as const) {
    const kuzzle = new FakeKuzzle({ [event]: fail(veto) });
    let writes = 0;

    const outcome = await withEvents(aRequest(), async () => {
      writes++;
      return write();
    });

    assert.equal(writes, Number(isWritten));
    assert.equal(outcome.error, veto);
    assert.equal(outcome.status, 400);
    assert.deepEqual(outcome.result, isWritten ? written : null);
    assert.equal(kuzzle.events.at(-1), ERROR);
  }
});

it("wraps what a pipe throws as Kuzzle does, if it is not a KuzzleError", async () => {
  for (const thrown of [new Error("broken"), "text", undefined, null, 42]) {
    new FakeKuzzle({ [BEFORE]: fail(thrown) });
    const cause = Object(thrown) as Error;
    const native = kerror.getFrom(
      cause,
      "plugin",
      "runtime",
      "unexpected_error",
      cause.message,
    );

    const { error } = await withEvents(aRequest(), write);

    assert.deepEqual(
      { ...error?.toJSON(), stack: "" },
      { ...native.toJSON(), stack: "" },
    );
    if (thrown instanceof Error) {
      assert.equal(error?.stack, thrown.stack);
    }
  }
});

it("lets a pipe of the error event recover", async () => {
  new FakeKuzzle({
    [ERROR]: (payload) => {
      const request = payload as KuzzleRequest;
      assert.equal(request.error, veto);
      request.clearError();
      request.setResult("recovered");
      return request;
    },
  });

  const outcome = await withEvents(aRequest(), fail(veto));

  assert.equal(outcome.error, null);
  assert.equal(outcome.result, "recovered");
});

it("lets a pipe of the error event replace the error, by throwing or on the request", async () => {
  const other = new BadRequestError("other", "app.other", 2);
  const pipes = [
    fail(other),
    (payload: unknown) => {
      (payload as KuzzleRequest).setError(other);
      return payload;
    },
  ];

  for (const pipe of pipes) {
    new FakeKuzzle({ [ERROR]: pipe });

    assert.equal((await withEvents(aRequest(), fail(veto))).error, other);
  }
});

it("reports a pipe that returns no request, and gives the error event the last one", async () => {
  for (const event of [BEFORE, AFTER, ERROR]) {
    for (const returned of [undefined, null, "text", {}, []]) {
      const request = aRequest();
      const kuzzle = new FakeKuzzle({ [event]: () => returned });

      const { error } = await withEvents(
        request,
        event === ERROR ? fail(veto) : write,
      );

      assert.equal(error?.id, "plugin.document-update.invalid_pipe_result");
      assert.deepEqual(error?.props, [event, inspect(returned)]);
      assert.deepEqual(kuzzle.fired.at(-1), { args: [request], event: ERROR });
    }
  }
});
