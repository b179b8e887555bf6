import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import { BadRequestError, type KuzzleError, type KuzzleRequest } from "kuzzle";
import type { JSONObject } from "kuzzle-sdk";

import { aTaxi } from "../../support/aTaxi";
import { settled } from "../../support/aWrite";
import { aRequest, aUser, overHttp } from "../../support/fakeKuzzle";
import { fails } from "../../support/refusal";

const GENERIC_BEFORE = "generic:document:beforeUpdate";
const BEFORE = "document:beforeUpdate";
const AFTER = "document:afterUpdate";
const GENERIC_AFTER = "generic:document:afterUpdate";
const ERROR = "document:errorUpdate";

const DOCUMENT = ["nyc-open-data", "yellow-taxi", "liia"];
const ONE_MORE = { operators: { increment: { seats: 1 } } };
const veto = new BadRequestError("no", "app.veto", 1);

afterEach(() => {
  mock.restoreAll();
  mock.timers.reset();
});

function loses(): never {
  throw new Error("lost");
}

it("stores what operators make of the document, between the events of an update of it", async () => {
  const { kuzzle, modify, storage } = await aTaxi({
    source: { draft: 1, seats: 4 },
  });

  const { request, result } = await modify({
    changes: { color: "yellow" },
    operators: { increment: { seats: 1 }, unset: ["draft"] },
  });

  const _kuzzle_info = { updater: "joe" };
  assert.deepEqual(result, {
    _id: "liia",
    _source: { _kuzzle_info, color: "yellow", draft: null, seats: 5 },
    _updatedFields: ["seats", "color", "draft"],
    _version: 4,
  });
  assert.deepEqual(storage.document.source, {
    _kuzzle_info,
    color: "yellow",
    seats: 5,
  });
  assert.deepEqual(kuzzle.events, [
    ...[GENERIC_BEFORE, BEFORE],
    ...[AFTER, GENERIC_AFTER],
  ]);
  const { input } = kuzzle.fired[1]!.args[0] as KuzzleRequest;
  assert.deepEqual([input.controller, input.action], ["document", "update"]);
  assert.deepEqual(input.body, { color: "yellow", draft: null, seats: 5 });
  assert.deepEqual(request.input.body?.["operators"], {
    increment: { seats: 1 },
    unset: ["draft"],
  });
});

it("has `now` be the same moment however often it is computed", async () => {
  const { kuzzle, modify, storage } = await aTaxi();
  let others = 2;
  storage.before = async () => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (others-- > 0) {
      storage.write({ others });
    }
  };
  const before = Date.now();

  const { result } = await modify({ operators: { now: ["seenAt"] } });

  assert.ok(result["_source"].seenAt >= before);
  assert.equal(kuzzle.events.length, 4);
  assert.equal(storage.reads, 3);
});

it("reads each flag once: over HTTP, Kuzzle notes those that are not there", async () => {
  const { kuzzle, modify } = await aTaxi();
  const sent = () => {
    const { silent, source } = kuzzle.handed.at(-1)!.input.args;
    return { silent: Boolean(silent), source: Boolean(source) };
  };

  for (const context of [overHttp(), {}]) {
    await modify(ONE_MORE, {}, context);
    assert.deepEqual(sent(), { silent: false, source: false });
    await modify(ONE_MORE, { requestKey: JSON.stringify(context) }, context);
    assert.deepEqual(sent(), { silent: false, source: false });
    await modify(ONE_MORE, { silent: true, source: true }, context);
    assert.deepEqual(sent(), { silent: true, source: true });
  }
});

it("fires the before events again for other changes, and not for the same", async () => {
  const { kuzzle, modify, storage } = await aTaxi();
  const writes: JSONObject[] = [{ color: "red" }, { seats: 9 }, { seats: 9 }];
  storage.before = () => {
    const changes = writes.shift();
    if (changes) {
      storage.write(changes);
    }
  };

  await modify(ONE_MORE);

  assert.equal(storage.document.source["seats"], 10);
  assert.deepEqual(kuzzle.events, [
    ...[GENERIC_BEFORE, BEFORE],
    ...[GENERIC_BEFORE, BEFORE],
    ...[AFTER, GENERIC_AFTER],
  ]);
  const seen = kuzzle.fired.map(({ args }) => args.at(-1) as KuzzleRequest);
  assert.deepEqual(seen[1]!.input.body, { seats: 5 });
  assert.deepEqual(seen[4]!.input.body, { seats: 10 });
});

it("stores nothing that a pipe vetoes, also when it is computed again", async () => {
  const { kuzzle, modify, storage } = await aTaxi({
    pipes: {
      [BEFORE]: (payload) => {
        if (Number((payload as KuzzleRequest).input.body!["seats"]) > 5) {
          throw veto;
        }
        return payload;
      },
    },
  });
  storage.before = () => storage.write({ seats: 9 });

  await assert.rejects(modify(ONE_MORE), veto);

  assert.equal(storage.document.source["seats"], 9);
  assert.equal(kuzzle.events.filter((event) => event === ERROR).length, 1);
});

it("stores what a pipe has set, and does not remove a field that it has given a value", async () => {
  const source = { a: 1, b: 1, seats: 4 };
  const { modify, storage } = await aTaxi({
    pipes: {
      [BEFORE]: (payload) => {
        const { input } = payload as KuzzleRequest;
        class Color {
          readonly name = "red";
        }
        delete input.body!["b"];
        Object.assign(input.body!, { a: 2, color: new Color(), seats: 40 });
        return payload;
      },
    },
    source,
  });

  const { result } = await modify({
    operators: { increment: { seats: 1 }, unset: ["a", "b"] },
  });

  assert.deepEqual(storage.document.source, {
    _kuzzle_info: { updater: "joe" },
    ...{ a: 2, b: 1, color: { name: "red" }, seats: 40 },
  });
  assert.deepEqual(result["_updatedFields"], ["a", "seats", "color.name"]);
});

it("does not let a pipe change the document that it was computed from", async () => {
  const tags = [{ name: "a" }];
  const { modify, storage } = await aTaxi({
    pipes: {
      [BEFORE]: (payload) => {
        (payload as KuzzleRequest).input.body!["tags"][0].name = "changed";
        return payload;
      },
    },
    source: { tags },
  });

  await modify({ operators: { append: { tags: ["b"] } } });

  assert.deepEqual(tags, [{ name: "a" }]);
  assert.deepEqual(storage.document.source["tags"], [{ name: "changed" }, "b"]);
});

it("does not let a pipe send it to another document", async () => {
  for (const pipes of [
    {
      [BEFORE]: (payload: unknown) => {
        const { input } = payload as KuzzleRequest;
        Object.assign(input.args, { _id: "joe", collection: "c", index: "i" });
        return payload;
      },
    },
    { [GENERIC_BEFORE]: () => [{ _id: "joe", _source: { seats: 5 } }] },
  ]) {
    const { modify, storage } = await aTaxi({ pipes });

    const { request } = await modify(ONE_MORE);

    assert.equal(storage.document.source["seats"], 5);
    const { args } = request.input;
    assert.deepEqual(
      [args["index"], args["collection"], args["_id"]],
      DOCUMENT,
    );
  }
});

it("tells of a pipe that makes a list of the changes", async () => {
  const { modify, storage } = await aTaxi({
    pipes: {
      [BEFORE]: (payload) => {
        (payload as KuzzleRequest).input.body = [1];
        return payload;
      },
    },
  });

  await fails("invalid_pipe_result", modify(ONE_MORE), BEFORE, "[ 1 ]");
  assert.deepEqual(storage.sent, []);
});

it("fires the error event once, whatever fails, and none before it was asked for", async () => {
  for (const [body, data, id] of [
    [null, {}, "api.assert.body_required"],
    [{ operator: {} }, {}, "plugin.document-update.invalid_argument"],
    [[], {}, "plugin.document-update.invalid_argument"],
    [{ changes: [] }, {}, "plugin.document-update.invalid_argument"],
    [
      JSON.parse('{"changes":{"a":{"__proto__":1}}}'),
      {},
      "plugin.document-update.invalid_argument",
    ],
    [
      { operators: { union: { a: [{ constructor: { prototype: 1 } }] } } },
      {},
      "plugin.document-update.invalid_argument",
    ],
    [ONE_MORE, { _id: undefined }, "api.assert.missing_argument"],
    [ONE_MORE, { ifVersion: 0 }, "plugin.document-update.invalid_argument"],
    [ONE_MORE, { dryRun: "yes" }, "api.assert.invalid_type"],
    [ONE_MORE, { ifVersion: 4 }, "plugin.document-update.version_mismatch"],
    [{ condition: { x: 1 } }, {}, "plugin.document-update.invalid_condition"],
    [
      { condition: { equals: { seats: 5 } } },
      {},
      "plugin.document-update.condition_not_met",
    ],
    [
      { operators: { append: { seats: [1] } } },
      {},
      "plugin.document-update.operator_type",
    ],
    [
      { ...ONE_MORE, changes: null },
      {},
      "plugin.document-update.invalid_argument",
    ],
  ] as const) {
    const { kuzzle, modify, storage } = await aTaxi();

    await assert.rejects(modify(body, data), { id });

    assert.deepEqual(kuzzle.events, [ERROR]);
    assert.deepEqual(storage.sent, []);
  }
});

it("names the key that is nearest to one that a modification, or a step, does not have", async () => {
  const { modify } = await aTaxi();
  const keys = "changes, condition, operators";
  const nearest = 'Did you mean "operators"?';

  await fails(
    "invalid_argument",
    modify({ operator: {} }),
    ...["body", `one of the keys ${keys}, default, steps`],
    ...["'operator'", nearest],
  );
  await assert.rejects(modify({ steps: [{ Operators: {} }] }), {
    message: `Invalid argument "step": expected one of the keys ${keys}, found 'Operators'. ${nearest} It is in "steps[0]".`,
  });
});

it("holds the guards of fields against operators and changes alike", async () => {
  const { modify, storage } = await aTaxi({
    guards: {
      "nyc-open-data/*": {
        immutable: ["owner"],
        readOnly: ["seats"],
        writableBy: { rate: ["accountant"] },
      },
    },
    source: { owner: "joe", rate: 1, seats: 4 },
  });
  const refused = async (name: string, field: string, body: JSONObject) =>
    fails(name, modify(body), ...DOCUMENT, field);

  await refused("field_read_only", "seats", ONE_MORE);
  await refused("field_read_only", "seats", {
    operators: { unset: ["seats"] },
  });
  await refused("field_immutable", "owner", {
    operators: { unset: ["owner"] },
  });
  await refused("field_forbidden", "rate", { changes: { rate: 2 } });
  assert.deepEqual(storage.sent, []);

  await modify({ changes: { color: "red", owner: "joe" } });
  const user = { ...aUser(), profileIds: ["accountant"] };
  await modify({ changes: { rate: 2 } }, {}, { user });
});

it("guards what a pipe has made of it", async () => {
  const { modify } = await aTaxi({
    guards: { "*/*": { readOnly: ["color"] } },
    pipes: {
      [GENERIC_BEFORE]: () => [{ _source: { color: "red" } }],
    },
  });

  await fails("field_read_only", modify(ONE_MORE), ...DOCUMENT, "color");
});

it("removes no field that a specification needs", async () => {
  const source = { a: { "b.c": 1 }, draft: true };
  const { kuzzle, modify } = await aTaxi({ source });
  const [index, collection] = DOCUMENT as [string, string];
  const children = { "b.c": { mandatory: true } };
  kuzzle.kuzzle.validation["specification"] = {
    [index]: { [collection]: { fields: { children: { a: { children } } } } },
  };

  await fails(
    "unset_refused",
    modify({ operators: { unset: ["draft", "a.b\\.c"] } }),
    ...["a.b\\.c", "a specification needs it, or describes fields in it"],
  );

  assert.deepEqual(kuzzle.events, [ERROR]);
});

it("writes nothing where nothing would change, by the request or by the configuration", async () => {
  const same = { operators: { max: { seats: 3 } } };
  for (const [skips, data] of [
    [[], { skipUnchanged: true }],
    [["nyc-open-data/*"], {}],
  ] as const) {
    const { kuzzle, modify, storage } = await aTaxi({ skips });

    const { result } = await modify(same, data);

    assert.deepEqual(result, {
      _id: "liia",
      _source: { seats: 4 },
      _updatedFields: [],
      _version: 3,
    });
    assert.deepEqual(storage.sent, []);
    assert.equal(kuzzle.events.length, 4);
  }
  const { modify, storage } = await aTaxi();
  await modify(same);
  assert.equal(storage.document.version, 4);
});

it("fires no after event in a dry run, nor lets a pipe decide that it is one", async () => {
  const flag = (value: boolean | undefined) => (payload: unknown) => {
    (payload as KuzzleRequest).input.args["dryRun"] = value;
    return payload;
  };

  const dry = await aTaxi({ pipes: { [BEFORE]: flag(undefined) } });
  const { result } = await dry.modify(ONE_MORE, { dryRun: true });
  assert.equal(result["_source"].seats, 5);
  assert.equal(dry.storage.document.source["seats"], 4);
  assert.deepEqual(dry.kuzzle.events, [GENERIC_BEFORE, BEFORE]);

  const { result: without } = await dry.modify(
    { changes: { a: 1 }, operators: { unset: ["seats"] } },
    { dryRun: true, source: true },
  );
  const { _kuzzle_info, ...rest } = without["_source"] as JSONObject;
  assert.deepEqual(rest, { a: 1 });
  assert.equal(_kuzzle_info.updater, "joe");
  assert.equal(dry.storage.document.version, 3);

  const wet = await aTaxi({ pipes: { [BEFORE]: flag(true) } });
  await wet.modify(ONE_MORE);
  assert.equal(wet.storage.document.source["seats"], 5);
  assert.equal(wet.kuzzle.events.length, 4);
});

it("asks for the native right, and again for a repeat", async () => {
  const { kuzzle, modify } = await aTaxi();
  const user = aUser({ allowed: false });

  await assert.rejects(modify(ONE_MORE, { requestKey: "k" }, { user }), {
    id: "security.rights.forbidden",
  });
  assert.deepEqual(kuzzle.events, ["request:onUnauthorized"]);
  await assert.rejects(modify(ONE_MORE, {}, { user: null }), {
    id: "plugin.document-update.user_required",
  });
});

it("needs no right but its own where no other is asked for", async () => {
  const { modify } = await aTaxi({ config: { checkRights: false } });
  const user = aUser({ allowed: false });

  const { result } = await modify(ONE_MORE, {}, { user });

  assert.equal(result["_source"].seats, 5);
});

it("answers a repeat of a request with a key as the first one, without any event", async () => {
  const { kuzzle, modify, storage } = await aTaxi();
  const keyed = { requestKey: "a-key" };

  const first = await modify(ONE_MORE, { ...keyed, volatile: { n: 1 } });
  kuzzle.fired.length = 0;
  const repeat = await modify(ONE_MORE, { ...keyed, volatile: { n: 2 } });

  assert.deepEqual(repeat.result, first.result);
  assert.deepEqual([first.request.status, repeat.request.status], [200, 200]);
  assert.deepEqual(kuzzle.events, []);
  assert.equal(storage.sent.length, 1);

  await modify(ONE_MORE, { requestKey: "another" });
  await modify(ONE_MORE, keyed, { user: aUser({ _id: "ann" }) });
  assert.equal(storage.document.source["seats"], 7);
});

it("answers a repeat no more than the document and its version where the answer cannot be saved", async () => {
  const circular: JSONObject = { _id: "liia", _version: 4 };
  circular["own"] = circular;
  const short = { _id: "liia", _version: 4 };
  for (const [answered, repeated] of [
    [null, null],
    ["text", "text"],
    [circular, short],
    [{ ...short, n: 1n }, short],
    [{ ...short, text: "x".repeat(1_000_001) }, short],
  ] as [unknown, unknown][]) {
    const replace = (request: unknown) => {
      (request as KuzzleRequest).setResult(answered);
      return request;
    };
    const { modify, storage } = await aTaxi({ pipes: { [AFTER]: replace } });

    await modify(ONE_MORE, { requestKey: "a-key" });
    const repeat = await modify(ONE_MORE, { requestKey: "a-key" });

    assert.deepEqual(repeat.result, repeated);
    assert.equal(storage.sent.length, 1);
  }
});

it("answers a repeat the error of a pipe that failed after the write, and writes nothing", async () => {
  const fail = () => {
    throw veto;
  };
  const { modify, storage } = await aTaxi({ pipes: { [AFTER]: fail } });

  await assert.rejects(modify(ONE_MORE, { requestKey: "a-key" }), veto);
  await assert.rejects(modify(ONE_MORE, { requestKey: "a-key" }), (error) => {
    const { id, message, status } = error as KuzzleError;
    assert.deepEqual(
      [id, message, status],
      [veto.id, veto.message, veto.status],
    );
    return true;
  });

  assert.equal(storage.sent.length, 1);
});

it("keeps a request pending until its after events are over", async () => {
  let goOn: (request: unknown) => void = () => {};
  const { modify, storage } = await aTaxi({
    pipes: { [AFTER]: () => new Promise((resolve) => (goOn = resolve)) },
  });

  const first = modify(ONE_MORE, { requestKey: "a-key" });
  while (storage.document.version === 3) {
    await settled();
  }
  await assert.rejects(modify(ONE_MORE, { requestKey: "a-key" }), {
    id: "plugin.document-update.request_pending",
  });
  await settled();
  const answered = aRequest({ controller: "document" });
  answered.setResult({ without: "the secret" });
  goOn(answered);
  const { result } = await first;
  assert.deepEqual(result, { without: "the secret" });
  const repeat = await modify(ONE_MORE, { requestKey: "a-key" });
  assert.deepEqual(repeat.result, { without: "the secret" });
});

it("compares what a client has sent, not what pipes on the action add, whatever its controller is called", async () => {
  const controller = "taxis";
  const { modify, plugin, storage } = await aTaxi({ config: { controller } });
  const { handler } = plugin.api![controller]!.actions["modify"]!;
  const note = plugin.hooks!["request:onExecution"] as (
    request: KuzzleRequest,
  ) => void;
  const send = async (stamp: number, body: JSONObject = ONE_MORE) => {
    const request = aRequest({
      action: "modify",
      body: structuredClone(body),
      controller,
      requestKey: "a-key",
    });
    note(request);
    request.input.body!["changes"] = { stamp };
    return handler(request) as Promise<JSONObject>;
  };

  const first = await send(1);
  assert.deepEqual(await send(2), first);
  assert.equal(storage.sent.length, 1);
  await assert.rejects(send(3, { operators: { now: ["seenAt"] } }), {
    id: "plugin.document-update.request_key_reused",
  });
  // A request without a key, or an invalid one, is left to the action.
  note(aRequest({ action: "modify", body: ONE_MORE, controller }));
  const invalid = { _id: 5, requestKey: "another" };
  note(aRequest({ action: "modify", controller, ...invalid }));
  await modify(ONE_MORE);
});

it("takes the key from the header Idempotency-Key, over HTTP alone", async () => {
  const { modify, storage } = await aTaxi();
  const headers = { "idempotency-key": "a-key" };

  const first = await modify(ONE_MORE, {}, overHttp(headers));
  const repeat = await modify(ONE_MORE, { requestKey: "a-key" });
  assert.deepEqual(repeat.result, first.result);

  const connection = { headers, id: "1", protocol: "websocket" };
  await modify(ONE_MORE, {}, { connection });
  assert.equal(storage.document.source["seats"], 6);
  // An argument is set by the client, a header may be set by its HTTP library.
  await modify(ONE_MORE, { requestKey: "b" }, overHttp(headers));
  assert.equal(storage.document.source["seats"], 7);
});

it("refuses a key of another request, and one of the anonymous user", async () => {
  const { kuzzle, modify, storage } = await aTaxi();
  const keyed = { requestKey: "a-key" };
  await modify(ONE_MORE, keyed);
  kuzzle.fired.length = 0;

  for (const [body, data] of [
    [{ operators: { increment: { seats: 2 } } }, {}],
    [ONE_MORE, { _id: "joe" }],
    [ONE_MORE, { ifVersion: 4 }],
    [ONE_MORE, { dryRun: true }],
    [ONE_MORE, { skipUnchanged: true }],
    [ONE_MORE, { source: true }],
    [ONE_MORE, { silent: true }],
    [ONE_MORE, { refresh: "wait_for" }],
  ] as const) {
    await fails(
      "request_key_reused",
      modify(body, { ...keyed, ...data }),
      "a-key",
    );
  }
  assert.deepEqual([...new Set(kuzzle.events)], [ERROR]);

  const user = aUser({ _id: "-1" });
  await assert.rejects(modify(ONE_MORE, keyed, { user }), {
    id: "plugin.document-update.invalid_request_key",
  });
  assert.equal(storage.sent.length, 1);
});

it("lets no repeat take over what is under way, and renews nothing once it has ended", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const { modify, redis, storage } = await aTaxi();
  const keyed = { requestKey: "a-key" };
  let end: () => void = () => {};
  storage.before = () => new Promise<void>((resolve) => (end = resolve));
  const first = modify(ONE_MORE, keyed);
  while (storage.sent.length === 0) {
    await settled();
  }

  redis.now += 29_999;
  mock.timers.tick(29_999);
  await settled();
  redis.now += 29_999;
  await fails("request_pending", modify(ONE_MORE, keyed), "a-key");
  end();
  await first;

  const { length } = redis.received;
  mock.timers.tick(100_000);
  assert.equal(redis.received.length, length);
});

it("tells requests apart by all of the versions that they take", async () => {
  const { modify } = await aTaxi();
  const tags = Array.from({ length: 100 }, (_, version) => `"${version}"`);
  const withTags = (...all: string[]) =>
    modify(
      ONE_MORE,
      { requestKey: "a-key" },
      overHttp({ "if-match": all.join(", ") }),
    );
  await withTags(...tags, '"101"');

  await fails("request_key_reused", withTags(...tags, '"102"'), "a-key");
});

it("lets a repeat send nothing but the same write where the outcome is not known", async () => {
  mock.method(Math, "random", () => 0);
  for (const batchWrites of [true, false]) {
    const { modify, storage } = await aTaxi({ config: { batchWrites } });
    const keyed = { requestKey: "a-key" };
    storage.before = loses;
    await assert.rejects(modify(ONE_MORE, keyed));

    storage.before = () => {};
    await modify(ONE_MORE, keyed);
    assert.equal(storage.document.source["seats"], 5);

    const other = { requestKey: "another-key" };
    storage.before = () => {
      // It is stored, though nobody is told.
      storage.write({ seats: 6 });
      loses();
    };
    await assert.rejects(modify(ONE_MORE, other));
    storage.before = () => {};
    await fails(
      "request_outcome_unknown",
      modify(ONE_MORE, other),
      "another-key",
    );
    assert.equal(storage.document.source["seats"], 6);
  }
});

it("does not answer that nothing changes where it may have changed that before", async () => {
  const { modify, storage } = await aTaxi();
  const keyed = { requestKey: "a-key", skipUnchanged: true };
  const body = { operators: { max: { seats: 9 } } };
  mock.method(Math, "random", () => 0);
  storage.before = loses;
  await assert.rejects(modify(body, keyed), /lost/);

  // It is stored already.
  storage.before = () => {
    storage.before = () => {};
    storage.write({ seats: 9 });
  };
  await fails("request_outcome_unknown", modify(body, keyed), "a-key");
});

it("keeps the answer of a request that had nothing to store", async () => {
  const { modify, storage } = await aTaxi();
  const keyed = { dryRun: true, requestKey: "a-key" };

  const first = await modify(ONE_MORE, keyed);
  storage.write({ seats: 9 });
  const repeat = await modify(ONE_MORE, keyed);

  assert.deepEqual(repeat.result, first.result);
});

it("stores by one write what waits of one user, with the same options, where its collection is folded", async () => {
  const { modify, storage } = await aTaxi({ config: { fold: ["*/*"] } });

  const answers = await Promise.all([
    modify(ONE_MORE),
    modify(ONE_MORE, {}, overHttp()),
    modify({ ...ONE_MORE, condition: { range: { seats: { gte: 6 } } } }),
  ]);

  assert.deepEqual(
    answers.map(({ result }) => result["_source"].seats as unknown),
    [5, 6, 7],
  );
  // The first has nothing to wait for.
  assert.equal(storage.sent.length, 2);
  assert.equal(storage.document.version, 5);
  for (const [body, data] of [
    [{ operators: { increment: { seats: 1 }, unset: ["draft"] } }, () => ({})],
    [ONE_MORE, () => ({ silent: true })],
    [ONE_MORE, () => ({ source: true })],
    [
      { ...ONE_MORE, condition: { exists: "_kuzzle_info.updater" } },
      () => ({}),
    ],
    [ONE_MORE, (ifVersion: number) => ({ ifVersion })],
  ] as const) {
    const sent: number = storage.sent.length;
    const ifVersion = storage.document.version + 2;
    await Promise.all([
      modify(ONE_MORE),
      modify(ONE_MORE),
      modify(body, data(ifVersion)),
    ]);
    assert.equal(storage.sent.length, sent + 3, String(data));
  }
});
