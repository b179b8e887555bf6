import assert from "node:assert/strict";
import { it } from "node:test";

import { ReadSeam } from "../../../lib/kuzzle/ReadSeam";
import type { ReadCall } from "../../../lib/kuzzle/WriteTag";
import { isAsExpected } from "../../support/isAsExpected";
import { RunningKuzzle } from "../../support/runningKuzzle";

const params = { id: "liia", index: "@&iot.taxis" };

/** A checked seam in a running Kuzzle, and a read that records its calls. */
async function aSeam() {
  const fake = new RunningKuzzle();
  fake.elasticsearch.store("liia");
  const seam = new ReadSeam();
  const calls: ReadCall[] = [];
  const read = (call: ReadCall) => {
    calls.push(call);
    return Promise.resolve({ body: "read" });
  };
  const isExpected = await isAsExpected(seam);
  const { client } = fake.elasticsearch;

  return { calls, client, fake, isExpected, read, seam };
}

const idOf = (answer: object) => (answer as { body: { _id: string } }).body._id;

it("passes its check, without a request to storage", async () => {
  const { fake, isExpected } = await aSeam();

  assert.ok(isExpected);
  assert.deepEqual(fake.elasticsearch.sent, []);
});

it("replaces the read of a document only within the given call", async () => {
  const { calls, client, read, seam } = await aSeam();

  const [inside, outside] = await Promise.all([
    seam.reading(read, async () => {
      await Promise.resolve();
      return client.get(params);
    }),
    client.get(params),
  ]);

  assert.deepEqual(inside, { body: "read" });
  assert.equal(idOf(outside), "liia");
  assert.deepEqual(
    calls.map(({ client: asked, params: found }) => [asked === client, found]),
    [[true, params]],
  );
  assert.equal(idOf(await calls[0]!.get.call(client, params)), "liia");
});

it("lets the replaced read use the client itself", async () => {
  const { client, seam } = await aSeam();
  const asked = () => client.get(params);

  assert.equal(idOf(await seam.reading(asked, () => asked())), "liia");
});

it("leaves other kinds of reads to the client", async () => {
  const { calls, client, read, seam } = await aSeam();
  const get = client.get.bind(client) as (
    ...args: unknown[]
  ) => Promise<object>;

  for (const args of [[{ ...params, _source: false }], [params, {}]]) {
    assert.equal(idOf(await seam.reading(read, () => get(...args))), "liia");
  }
  await assert.rejects(seam.reading(read, () => get()));
  assert.deepEqual(calls, []);
});

it("leaves all reads to the client if it has no read, or if Kuzzle is not as expected", async () => {
  const { calls, client, read, seam } = await aSeam();

  assert.equal(
    idOf(await seam.reading(undefined, () => client.get(params))),
    "liia",
  );
  seam.distrust();
  assert.equal(
    idOf(await seam.reading(read, () => client.get(params))),
    "liia",
  );
  assert.deepEqual(calls, []);
});

it("wraps the client once, however often it is installed", async () => {
  const { fake } = await aSeam();
  const { prototype } = fake.elasticsearch.client.constructor as unknown as {
    prototype: object;
  };
  const before = Object.getOwnPropertyDescriptor(prototype, "get");

  assert.ok(await isAsExpected(new ReadSeam()));
  assert.deepEqual(Object.getOwnPropertyDescriptor(prototype, "get"), before);
});
