import assert from "node:assert/strict";
import { it } from "node:test";

import { PreconditionError } from "kuzzle";

import { PublicClient } from "../../../lib/kuzzle/PublicClient";
import { StorageSeam } from "../../../lib/kuzzle/StorageSeam";
import { type ClientCall, tagOf } from "../../../lib/kuzzle/WriteTag";
import { settled } from "../../support/aWrite";
import { aRequest, FakeKuzzle } from "../../support/fakeKuzzle";

async function aPublicClient() {
  const fake = new FakeKuzzle();
  const warnings: string[] = [];
  const { client } = fake.elasticsearch;
  await new StorageSeam().verify();
  const asked: unknown[] = [];
  const update = fake.answers.get("core:storage:public:document:update")!;
  fake.answers.set("core:storage:public:document:update", (...args) => {
    asked.push(args.slice(0, 2).join("/"));
    return update(...args);
  });
  const publicClient = new PublicClient((message) => warnings.push(message));
  const asks = (index: unknown, by: unknown = client) =>
    publicClient.asks({
      client: by,
      params: { index },
    } as unknown as ClientCall);

  return { asked, asks, fake, publicClient, warnings };
}

it("finds Kuzzle's own client with the first update of the application", async () => {
  const { asked, asks, fake, warnings } = await aPublicClient();

  assert.ok(!asks("@&iot.taxis"));
  assert.ok(!asks("@&iot.other"));
  await settled();

  assert.ok(asks("@&iot.other"));
  assert.ok(!asks("@&iot.taxis", { anotherClient: true }));
  assert.deepEqual(asked, ["iot/taxis"]);
  assert.deepEqual(warnings, []);
  // Nothing was stored to know it.
  assert.deepEqual(fake.elasticsearch.paths, ["/"]);
});

it("finds it in a Kuzzle that validates requests, too", async () => {
  const { asks, fake } = await aPublicClient();
  const event = "core:storage:public:document:update";
  const update = fake.answers.get(event)!;
  fake.answers.set(event, (...args) => {
    assert.equal(tagOf(args[3])?.onValidate(aRequest()), false);
    return update(...args);
  });

  asks("@&iot.taxis");
  await settled();

  assert.ok(asks("@&iot.taxis"));
});

it("leaves alone what is not a collection of the application", async () => {
  const { asked, asks } = await aPublicClient();

  for (const index of ["@%kuzzle.users", "&iot.taxis", "@&iot", "own", 5]) {
    assert.ok(!asks(index), String(index));
  }
  assert.ok(!asks(undefined));
  assert.deepEqual(asked, []);
});

it("uses another collection if Kuzzle does not know the first", async () => {
  const { asked, asks, fake, warnings } = await aPublicClient();
  const event = "core:storage:public:document:update";
  const update = fake.answers.get(event)!;
  const unknown = async (...args: unknown[]) => {
    asked.push(args.slice(0, 2).join("/"));
    throw new PreconditionError("no such collection");
  };
  fake.answers.set(event, unknown);

  asks("@&iot.gone");
  await settled();
  assert.deepEqual(warnings, []);

  fake.answers.set(event, update);
  assert.ok(!asks("@&iot.taxis"));
  await settled();
  assert.ok(asks("@&iot.taxis"));
  asks("@&iot.taxis");
  assert.deepEqual(asked, ["iot/gone", "iot/taxis"]);
  assert.deepEqual(warnings, []);
});

it("warns once if it cannot be found, and takes no client for Kuzzle's own", async () => {
  for (const answer of [
    () => Promise.reject(new Error("none")),
    () => Promise.resolve({}),
  ]) {
    const { asks, fake, warnings } = await aPublicClient();
    fake.answers.set("core:storage:public:document:update", answer);

    asks("@&iot.taxis");
    await settled();

    assert.ok(!asks("@&iot.taxis"));
    assert.ok(!asks("@&iot.taxis", undefined));
    await settled();
    assert.equal(warnings.length, 1);
    assert.match(
      String(warnings),
      /its own client of Elasticsearch cannot be found/,
    );
  }
});
