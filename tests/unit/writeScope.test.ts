import assert from "node:assert/strict";
import { beforeEach, it, mock } from "node:test";

import { WriteScope } from "../../lib/kuzzle/WriteScope";
import { FakeKuzzle } from "../support/fakeKuzzle";

let fake: FakeKuzzle;
beforeEach(() => {
  fake = new FakeKuzzle();
});

it("knows a write of its own through those of others, and the request that Kuzzle follows", async () => {
  const { asyncStore } = global.kuzzle;
  const [outer, inner] = [new WriteScope(), new WriteScope()];
  const seen: unknown[] = [];
  const look = () => {
    seen.push([outer.isInside, inner.isInside, outer.request]);
    return Promise.resolve();
  };

  await new Promise<void>((resolve) => {
    asyncStore.run(() => {
      asyncStore.set("REQUEST", "of the client");
      const nested = outer.run(async () => {
        await look();
        await inner.run(look, undefined);
      }, "of the write");
      void nested.then(look).then(resolve);
    });
  });

  assert.deepEqual(seen, [
    [true, false, "of the write"],
    [true, true, undefined],
    [false, false, "of the client"],
  ]);
});

it("knows nothing outside of what Kuzzle follows", () => {
  const scope = new WriteScope();

  assert.equal(scope.isInside, false);
  assert.equal(scope.request, undefined);
});

it("gives what a write gives, and throws what it throws", async () => {
  const scope = new WriteScope();
  const error = new Error("of the write");

  assert.equal(await scope.run(async () => 1, undefined), 1);
  await assert.rejects(
    scope.run(() => Promise.reject(error), undefined),
    (found) => found === error,
  );
  await assert.rejects(
    scope.run(() => {
      throw error;
    }, undefined),
    (found) => found === error,
  );
});

it("is as expected", async () => {
  assert.ok(await new WriteScope().verify());
});

it("does without a store that is hidden, renamed, forgets, or is one for all", async () => {
  const { asyncStore } = global.kuzzle;
  for (const other of [
    undefined,
    {},
    new Map(),
    { execute: () => {}, exists: () => true, get: () => undefined },
    { exists: () => false, run: (run: () => void) => run(), set: () => {} },
    {
      exists: () => true,
      get: () => undefined,
      run: (run: () => void) => run(),
      set: () => {},
    },
  ]) {
    fake.kuzzle["asyncStore"] = other;

    assert.equal(await new WriteScope().verify(), false);
  }

  // One store for all: what is not in the course of a write would seem to be.
  fake.kuzzle["asyncStore"] = asyncStore;
  const store = new Map<string, unknown>();
  mock.method(asyncStore, "exists", () => true);
  mock.method(asyncStore, "get", (key: string) => store.get(key));
  mock.method(asyncStore, "set", (key: string, value: unknown) =>
    store.set(key, value),
  );
  const scope = new WriteScope();
  void scope.run(() => new Promise(() => {}), undefined);
  assert.equal(await scope.verify(), false);
  mock.restoreAll();
});
