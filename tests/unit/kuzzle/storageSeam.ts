import assert from "node:assert/strict";
import { it, mock } from "node:test";

import type { JSONObject } from "kuzzle";

import {
  answerOf,
  changesOf,
  clientErrors,
  StorageSeam,
} from "../../../lib/kuzzle/StorageSeam";
import { type ClientCall, tagged, tagOf } from "../../../lib/kuzzle/WriteTag";
import {
  FakeElasticsearch,
  library,
  versions,
} from "../../support/fakeElasticsearch";
import { aRequest, FakeKuzzle } from "../../support/fakeKuzzle";
import { settled } from "../../support/aWrite";
import { isAsExpected } from "../../support/isAsExpected";

const UPDATE = "core:storage:public:document:update";

const ask = (fake: FakeKuzzle, changes: JSONObject = { a: 1 }) =>
  fake.answers.get(UPDATE)!("iot", "taxis", "liia", changes, {});

/** A tag that notes the calls of the client, and answers them. */
function aTag() {
  const calls: ClientCall[] = [];
  const onUpdate = (call: ClientCall) => {
    calls.push(call);
    return Promise.resolve(answerOf(call.params));
  };
  return { calls, tag: { onUpdate, onValidate: () => assert.fail() } };
}

for (const version of versions) {
  it(`is as expected, with version ${version} of the client, and stores nothing for the check`, async () => {
    const fake = new FakeKuzzle({}, version);

    assert.ok(await isAsExpected(new StorageSeam(() => {})));

    assert.deepEqual(fake.elasticsearch.paths, ["/"]);
  });

  it(`lets the tag of an update store it, with version ${version}`, async () => {
    const fake = new FakeKuzzle({}, version);
    await new StorageSeam(() => {}).verify();
    const { calls, tag } = aTag();

    assert.deepEqual(await ask(fake, tagged({ a: 1 }, tag)), {
      _id: "liia",
      _source: {},
      _version: 1,
    });

    const [call] = calls;
    assert.equal(calls.length, 1);
    assert.equal(call?.client, fake.elasticsearch.client);
    assert.equal(call?.params["index"], "@&iot.taxis");
    assert.deepEqual(
      { ...(changesOf(call?.params ?? {}) as object) },
      tagged({ a: 1 }, tag),
    );
    assert.equal(call?.update.name.length === 0, false);
    assert.deepEqual(fake.elasticsearch.paths, ["/"]);
  });

  it(`leaves every other update to the client, with version ${version}`, async () => {
    const fake = new FakeKuzzle({}, version);
    fake.elasticsearch.store("liia");
    await new StorageSeam(() => {}).verify();

    assert.deepEqual(await ask(fake), {
      _id: "liia",
      _source: { a: 1 },
      _version: 2,
    });
  });

  it(`knows the errors of version ${version}`, () => {
    new FakeKuzzle({}, version);

    assert.equal(
      clientErrors().ResponseError,
      library(version).errors["ResponseError"],
    );
  });
}

it("tells each of those who want to know of updates without a tag, and has Kuzzle store them", async () => {
  const fake = new FakeKuzzle();
  fake.elasticsearch.store("liia");
  const seen: unknown[] = [];
  for (const who of ["one", "another"]) {
    await new StorageSeam(({ id, index }) =>
      seen.push([who, id, index]),
    ).verify();
  }

  const { _version } = (await ask(fake)) as { _version: number };

  assert.equal(_version, 2);
  assert.deepEqual(seen, [
    ["one", "liia", "@&iot.taxis"],
    ["another", "liia", "@&iot.taxis"],
  ]);
});

it("shows none that is requested in a way that Kuzzle does not use", async () => {
  const fake = new FakeKuzzle();
  fake.elasticsearch.store("liia");
  const { client } = fake.elasticsearch;
  await new StorageSeam(() => assert.fail()).verify();
  const { update } = client as unknown as {
    update: (...args: unknown[]) => Promise<unknown>;
  };
  const { tag } = aTag();
  const params = {
    body: { doc: tagged({}, tag) },
    id: "liia",
    index: "@&iot.taxis",
  };

  await update.call(client, params, { maxRetries: 0 });
  assert.equal(fake.elasticsearch.sent.length, 2);
  await assert.rejects(async () => update.call(client));
});

it("lets a Kuzzle that validates requests do so", async () => {
  const fake = new FakeKuzzle();
  const event = "core:storage:private:document:update";
  const update = fake.answers.get(event)!;
  const validated: unknown[] = [];
  fake.answers.set(event, (...args) => {
    validated.push(tagOf(args[3])?.onValidate(aRequest()));
    return update(...args);
  });

  assert.ok(await isAsExpected(new StorageSeam(() => {})));
  assert.deepEqual(validated, [false]);
});

it("wraps the client once, whatever the number of plugins", async () => {
  const { prototype } = new FakeKuzzle().elasticsearch.client
    .constructor as unknown as { prototype: object };
  await new StorageSeam(() => {}).verify();
  const own = Object.getOwnPropertyDescriptor(prototype, "update");
  await new StorageSeam(() => {}).verify();

  assert.deepEqual(Object.getOwnPropertyDescriptor(prototype, "update"), own);
});

it("is not used with an Elasticsearch that cannot be told to create no index", async () => {
  for (const [number, isExpected] of [
    ["7.0.0", false],
    ["7.9.3", false],
    ["7.10.0", true],
    ["7.17.29", true],
    ["8.0.0", true],
    ["6.8.0", false],
    [undefined, false],
    ["8", true],
  ] as const) {
    const fake = new FakeKuzzle();
    fake.elasticsearch.number = number as string;

    assert.equal(
      await isAsExpected(new StorageSeam(() => {})),
      isExpected,
      number,
    );
  }
});

it("is not used if what it relies on is hidden, renamed or ignored", async () => {
  const ways: Readonly<Record<string, (fake: FakeKuzzle) => void>> = {
    "a client that server code is not given": () =>
      Object.assign(global.app, { storage: undefined }),
    "a client of another class than Kuzzle's own": () =>
      Object.assign(global.app, {
        storage: { storageClient: new FakeElasticsearch().client },
      }),
    "a configuration that is not there": (fake) =>
      Object.assign(fake.kuzzle, { config: {} }),
    "a version that has no client": (fake) =>
      Object.assign(fake.kuzzle, {
        config: { services: { storageEngine: new Map() } },
      }),
    "an event that nobody answers": (fake) => fake.answers.clear(),
    "changes that are copied on the way": (fake) => {
      const update = fake.answers.get("core:storage:private:document:update")!;
      fake.elasticsearch.store("document-update-check");
      fake.answers.set(
        "core:storage:private:document:update",
        (index, collection, id, changes, options) =>
          update(
            ...[index, collection, id],
            ...[JSON.parse(JSON.stringify(changes)), options],
          ),
      );
    },
  };

  for (const [way, change] of Object.entries(ways)) {
    const fake = new FakeKuzzle();
    change(fake);
    // What other instances were shown before.
    const seam = new StorageSeam(() => assert.fail());

    assert.ok(!(await isAsExpected(seam)), way);
  }
});

it("is not used if the method cannot be set on the client", async () => {
  const { client } = new FakeKuzzle().elasticsearch;
  Object.freeze((client.constructor as { prototype?: object }).prototype);

  assert.ok(!(await isAsExpected(new StorageSeam(() => {}))));
});

it("is not used if the client has no errors of that name", async () => {
  const { errors } = library("7");
  const { ResponseError } = errors;
  new FakeKuzzle();
  Object.assign(errors, { ResponseError: undefined });
  try {
    assert.throws(() => clientErrors(), /sdk-es7 has no ResponseError/);
    assert.ok(!(await isAsExpected(new StorageSeam(() => {}))));
  } finally {
    Object.assign(errors, { ResponseError });
  }
});

it("finds no changes where there is no body", () => {
  new FakeKuzzle();

  assert.equal(changesOf({}), undefined);
});

it("checks again what storage did not answer, until it does", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { elasticsearch } = new FakeKuzzle();
  const seam = new StorageSeam(() => {});
  elasticsearch.respond = () => ({ body: {}, status: 503 });

  for (let time = 1; time < 4; time++) {
    if (time === 1) {
      assert.equal(await seam.verify(), undefined, "nothing to warn of");
    } else {
      mock.timers.tick(500);
      while (elasticsearch.sent.length < time) {
        await settled();
      }
      await settled();
    }
    assert.ok(!seam.isTrusted);
    assert.equal(elasticsearch.sent.length, time);
  }
  elasticsearch.respond = () => undefined;
  mock.timers.tick(500);
  while (!seam.isTrusted) {
    await settled();
  }
  mock.timers.reset();
});
