import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";

import type { KuzzleRequest } from "kuzzle";

import { StorageSeam } from "../../../lib/kuzzle/StorageSeam";
import { ReadSeam } from "../../../lib/kuzzle/ReadSeam";
import { ValidationSeam } from "../../../lib/kuzzle/ValidationSeam";
import { type Read, tagged } from "../../../lib/kuzzle/WriteTag";
import { aRequest } from "../../support/fakeKuzzle";
import { RunningKuzzle } from "../../support/runningKuzzle";
import { isAsExpected } from "../../support/isAsExpected";

let fake: RunningKuzzle;
beforeEach(() => {
  fake = new RunningKuzzle();
  fake.elasticsearch.store("liia");
});

async function verified() {
  const readSeam = new ReadSeam();
  await isAsExpected(readSeam);

  return isAsExpected(new ValidationSeam(readSeam));
}

type Validate = (
  request: KuzzleRequest,
  ...rest: unknown[]
) => Promise<unknown>;

const validate: Validate = (...args) =>
  (fake.kuzzle.validation["validate"] as Validate)(...args);

/** A request whose tag decides how it is handled. */
function aTagged(onValidate: (request: KuzzleRequest) => boolean) {
  const onUpdate = () => assert.fail();
  return aRequest({ body: tagged({ a: 1 }, { onUpdate, onValidate }) });
}

it("passes its check, without a request to storage", async () => {
  assert.ok(await verified());

  assert.deepEqual(fake.elasticsearch.sent, []);
  assert.deepEqual(fake.validated, []);
});

it("asks the tag of an update whether Kuzzle has to read the document", async () => {
  await verified();
  const asked: KuzzleRequest[] = [];
  for (const isReadSkipped of [true, false]) {
    const request = aTagged((found) => {
      asked.push(found);
      return isReadSkipped;
    });

    assert.equal(await validate(request, false), request);
    assert.equal(asked.at(-1), request);
    assert.equal(fake.validated.length, isReadSkipped ? 0 : 1);
  }
});

it("lets the tag refuse an update", async () => {
  await verified();
  const refusal = new Error("refused");
  const request = aTagged(() => {
    throw refusal;
  });

  await assert.rejects(
    async () => validate(request),
    (found) => found === refusal,
  );
});

it("leaves every other request to Kuzzle, with all that it was given", async () => {
  const given: unknown[][] = [];
  fake.kuzzle.validation["validate"] = function (
    this: unknown,
    ...args: unknown[]
  ) {
    assert.equal(this, fake.kuzzle.validation);
    given.push(args);
    return Promise.resolve("validated");
  };
  await verified();

  for (const body of [{ a: 1 }, undefined, null]) {
    const request = aRequest({ body });
    assert.equal(
      await (
        fake.kuzzle.validation as unknown as { validate: Validate }
      ).validate(request, true),
      "validated",
    );
    assert.deepEqual(given.pop(), [request, true]);
  }
});

it("wraps Kuzzle's method once, whatever the number of plugins", async () => {
  await verified();
  const { validate: once } = fake.kuzzle.validation;
  await verified();

  assert.equal(fake.kuzzle.validation["validate"], once);
});

it("stores nothing for the check in a Kuzzle that does not validate", async () => {
  const { validation } = fake.kuzzle;
  const unseen = { validate: validation["validate"] };
  fake.elasticsearch.store("check");
  assert.ok(await isAsExpected(new StorageSeam(() => {})));
  Object.defineProperty(fake.kuzzle, "validation", {
    // The controller does not call the method that is set on it.
    get: () => ({ ...unseen }),
  });

  assert.ok(!(await verified()));
  assert.deepEqual(fake.elasticsearch.stored.get("check")?.version, 1);
});

it("is not used if the method is hidden, renamed, or not what Kuzzle calls", async () => {
  const { validation } = fake.kuzzle;
  const hidden = { validate: validation["validate"] };
  for (const other of [
    undefined,
    {},
    new Map(Object.entries(hidden)),
    { check: hidden.validate },
    Object.freeze(hidden),
  ]) {
    Object.assign(fake.kuzzle, { validation: other });
    assert.ok(!(await verified()), Object.keys(other ?? {}).join());
  }

  Object.assign(fake.kuzzle, { validation });
  const own = validation["validate"];
  Object.assign(fake.kuzzle, {
    // Kuzzle has taken hold of its own method before.
    funnel: { executePluginRequest: (own as Validate).bind(validation) },
  });
  assert.ok(!(await verified()));
});

/** A read that counts the documents that it is asked for. */
function aRead() {
  const ids: unknown[] = [];
  const read: Read = ({ params }) => {
    ids.push(params["id"]);
    return Promise.resolve({});
  };

  return { ids, read };
}

it("lets a tag read the document of its update", async () => {
  await verified();
  const { ids, read } = aRead();
  const tag = {
    onUpdate: () => assert.fail(),
    onValidate: () => false,
    read,
  };

  await validate(aRequest({ body: tagged({ a: 1 }, tag) }));

  assert.deepEqual(ids, ["liia"]);
  assert.deepEqual(fake.elasticsearch.sent, []);
});
