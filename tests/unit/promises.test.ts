// What the plugin promises, whatever comes at once and whatever fails: through its own actions, above
// documents in memory. What is between may be built anew; these tests may not.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { it, mock } from "node:test";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";

import fc from "fast-check";
import { type JSONObject, type KuzzleError, KuzzleRequest } from "kuzzle";

import { aPlugin } from "../support/aPlugin";
import { aTaxi } from "../support/aTaxi";
import { settled } from "../support/aWrite";
import { aRequest, aUser, ofServerCode } from "../support/fakeKuzzle";
import { beneath, documents, guardedPath } from "../support/guardedFields";

const ways = [{}, { batchWrites: false }, { fold: ["*/*"] }];

interface Sent {
  readonly id: "lea" | "liia";
  readonly isBad: boolean;
  readonly isModification: boolean;
  readonly user: "ann" | "joe";
}

const someSent = fc.array(
  fc.record<Sent>({
    id: fc.constantFrom("lea", "liia"),
    isBad: fc.boolean(),
    isModification: fc.boolean(),
    user: fc.constantFrom("ann", "joe"),
  }),
  { maxLength: 12, minLength: 2 },
);

/** Sends requests at once; storage refuses the bad ones, and its error names the value. */
async function play(config: JSONObject, all: readonly Sent[]) {
  const { modify, storage, update } = await aTaxi({
    config,
    source: { seats: 0 },
  });
  const { elasticsearch } = storage;
  elasticsearch.store("lea", { seats: 0 }, 3);
  elasticsearch.refuses = (source) => {
    const bad = /bad-\d+/.exec(JSON.stringify(source))?.[0];
    return bad && `failed to parse [${bad}]`;
  };
  const outcomes = await Promise.allSettled(
    all.map(({ id, isBad, isModification, user }, number) => {
      const changes = {
        [`n${number}`]: isBad ? `bad-${number}` : number,
        last: number,
      };
      const context = { user: aUser({ _id: user }) };
      return isModification
        ? modify(
            { changes, operators: { increment: { seats: 1 } } },
            { _id: id },
            context,
          )
        : update({ _id: id, body: changes }, context);
    }),
  );

  return { elasticsearch, outcomes };
}

for (const config of ways) {
  it(`answers each client for itself, and stores all in the order of arrival, with ${JSON.stringify(config)}`, async () => {
    await fc.assert(
      fc.asyncProperty(someSent, async (all) => {
        const { elasticsearch, outcomes } = await play(config, all);

        for (const [number, outcome] of outcomes.entries()) {
          const { isBad, user } = all[number]!;
          if (outcome.status === "fulfilled") {
            const { _source } = outcome.value.result;
            assert.ok(!isBad, "it is stored");
            assert.equal(_source.last, number, "another's value");
            assert.equal(_source._kuzzle_info.updater, user, "another user");
          } else {
            const error = outcome.reason as KuzzleError;
            assert.ok(isBad, String(error));
            assert.equal(error.status, 400);
            assert.deepEqual(
              [...new Set(JSON.stringify(error).match(/bad-\d+/g) ?? [])],
              [`bad-${number}`],
              "another's error",
            );
          }
        }
        for (const id of ["lea", "liia"]) {
          const good = [...all.entries()].filter(
            ([, each]) => each.id === id && !each.isBad,
          );
          const { source, version } = elasticsearch.stored.get(id)!;
          const updates = good.filter(([, each]) => !each.isModification);
          assert.equal(source["seats"], good.length - updates.length);
          updates.forEach(([n]) => assert.equal(source[`n${n}`], n));
          // A modification waits for its turn before its events, so it may overtake an update.
          const isOrdered =
            good.at(-1)?.[1].isModification === false || updates.length === 0;
          if (good.length > 0 && isOrdered) {
            assert.equal(source["last"], good.at(-1)![0], "out of order");
          }
          if (!("fold" in config)) {
            assert.equal(version, 3 + good.length, "one version each");
          }
        }
      }),
      { numRuns: 12 },
    );
  });
}

const mixes: Readonly<Record<string, JSONObject>> = {
  "folded updates": { fold: ["*/*"] },
  "intercepted native updates": { interceptNative: true },
  "intercepted and folded native updates": {
    fold: ["*/*"],
    interceptNative: true,
  },
  updates: {},
  "updates whose events are heard": {},
};

for (const [what, config] of Object.entries(mixes)) {
  it(`stores modifications and ${what} of one connection in the order in which they arrived`, async () => {
    const { kuzzle, modify, native, plugin, update } = await aPlugin(config);
    kuzzle.elasticsearch.store("liia", { n: 0 });
    if (what.includes("heard")) {
      kuzzle.hooks.add("document:beforeUpdate");
    }
    const hooks = plugin.hooks as Record<string, (payload: unknown) => void>;
    const isNative = "interceptNative" in config;
    const controller = isNative ? "document" : "document-update";
    const add = (n: number) => {
      const body = { operators: { increment: { n } } };
      return [modify, aRequest({ action: "modify", body })] as const;
    };
    const set = (n: number) => {
      const request = aRequest({ body: { n }, controller });
      return [isNative ? native : update, request] as const;
    };
    // Kuzzle itself refuses it: the action never sees it.
    const refused = [() => Promise.reject(new Error()), set(5)[1]] as const;
    const sent = [add(1), set(10), refused, add(2), set(20), add(3)];

    // No time ends the wait for one that arrived before.
    mock.timers.enable({ apis: ["setTimeout"] });
    sent.forEach(([, request]) => hooks["request:onExecution"]!(request));
    mock.timers.reset();
    const outcomes = await Promise.allSettled(
      sent.map(async ([run, request], place) => {
        // The steps before the action take longer, the earlier a request arrived.
        for (let left = 5 * (sent.length - place); left > 0; left--) {
          await setImmediate();
        }
        try {
          return (await run(request)) as { readonly _source: JSONObject };
        } finally {
          hooks["request:afterExecution"]!({ request });
        }
      }),
    );

    assert.deepEqual(
      outcomes.map((each) =>
        each.status === "fulfilled"
          ? (each.value._source["n"] as unknown)
          : "refused",
      ),
      [1, 10, "refused", 12, 20, 23],
    );
  });
}

it("stores each update by itself where a specification validates documents, in spite of fold", async () => {
  const { kuzzle, stats, storage, update } = await aTaxi({
    config: { fold: ["*/*"] },
  });
  const sendAll = () =>
    Promise.all([...Array(8).keys()].map((n) => update({ body: { n } })));
  await sendAll();
  const { count } = (await stats()).folds;
  assert.ok(count > 0, "without a specification");
  const { version } = storage.document;

  kuzzle.kuzzle.validation["specification"] = {
    "nyc-open-data": { "yellow-taxi": {} },
  };
  await sendAll();

  assert.equal((await stats()).folds.count, count);
  assert.equal(storage.document.version, version + 8);
});

it("never lets a field be changed that a guard makes read-only, by whatever update or modification", async () => {
  // Others are refused, because Elasticsearch's clients cannot read them.
  const readable = documents.filter(
    (each) => !JSON.stringify(each).includes("__proto__"),
  );
  const changed = fc.record({
    body: readable,
    isModification: fc.boolean(),
    path: guardedPath.filter((path) => !path.startsWith("*")),
    source: readable,
  });
  let refused = 0;
  let stored = 0;

  await fc.assert(
    fc.asyncProperty(
      changed,
      async ({ body, isModification, path, source }) => {
        const guards = { "nyc-open-data/*": { readOnly: [path] } };
        const { modify, storage, update } = await aTaxi({ guards, source });
        const before = beneath(source, path);
        try {
          await (isModification ? modify({ changes: body }) : update({ body }));
          stored++;
        } catch (error) {
          assert.match(
            String((error as KuzzleError).id),
            /field_read_only|invalid_argument/,
          );
          refused++;
        }
        assert.deepEqual(beneath(storage.document.source, path), before);
      },
    ),
    { numRuns: 30 },
  );

  assert.ok(refused > 0 && stored > 0);
});

const fails = () => {
  throw new Error("of a pipe");
};
const [GENERIC, BEFORE, AFTER, GENERIC_AFTER, ERROR] = [
  "generic:document:beforeUpdate",
  "document:beforeUpdate",
  "document:afterUpdate",
  "generic:document:afterUpdate",
  "document:errorUpdate",
] as const;

/** By what happens, the events that are fired, and whether the document is stored. */
const EVENTS: Readonly<
  Record<
    string,
    {
      readonly events: readonly string[];
      readonly isRefused?: boolean;
      readonly isStored: boolean;
      readonly pipe?: string;
    }
  >
> = {
  "a veto of the event of the action": {
    events: [GENERIC, BEFORE, ERROR],
    isStored: false,
    pipe: BEFORE,
  },
  "a veto of the generic event": {
    events: [GENERIC, ERROR],
    isStored: false,
    pipe: GENERIC,
  },
  "an error after the write": {
    events: [GENERIC, BEFORE, AFTER, ERROR],
    isStored: true,
    pipe: AFTER,
  },
  "nothing unusual": {
    events: [GENERIC, BEFORE, AFTER, GENERIC_AFTER],
    isStored: true,
  },
  "the refusal of storage": {
    events: [GENERIC, BEFORE, ERROR],
    isRefused: true,
    isStored: false,
  },
};

for (const [what, { events, isRefused, isStored, pipe }] of Object.entries(
  EVENTS,
)) {
  it(`fires each event of an update once, in their order: ${what}`, async () => {
    for (const config of ways) {
      for (const action of ["update", "modify"] as const) {
        const pipes = pipe === undefined ? {} : { [pipe]: fails };
        const taxi = await aTaxi({ config, pipes });
        if (isRefused) {
          taxi.storage.elasticsearch.refuses = () => "no";
        }

        const [outcome] = await Promise.allSettled([
          action === "update"
            ? taxi.update()
            : taxi.modify({ operators: { increment: { seats: 1 } } }),
        ]);

        assert.deepEqual(taxi.kuzzle.events, events, action);
        assert.equal(taxi.storage.document.version, isStored ? 4 : 3);
        assert.equal(
          outcome.status,
          pipe === undefined && !isRefused ? "fulfilled" : "rejected",
        );
        for (const { args } of taxi.kuzzle.fired) {
          const request = args.at(-1) as KuzzleRequest;
          assert.equal(request.context.user?._id, "joe");
        }
      }
    }
  });
}

/** Sends several, which wait together while storage stores another one. */
async function together(
  taxi: Awaited<ReturnType<typeof aTaxi>>,
  send: () => readonly ReturnType<typeof taxi.modify>[],
) {
  const { storage, update } = taxi;
  let answer = () => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  storage.before = () => answered;
  const before = storage.sent.length;
  const first = update({ body: { first: true } });
  while (storage.sent.length === before) {
    await settled();
  }
  const all = Promise.allSettled(send());
  await settled();
  answer();
  await first;

  return (await all).map((outcome) =>
    outcome.status === "fulfilled"
      ? outcome.value.result
      : { id: (outcome.reason as KuzzleError).id },
  );
}

it("stores one after another what waits together and cannot be one update", async () => {
  const taxi = await aTaxi({ config: { fold: ["*/*"] } });
  const { storage, update } = taxi;

  const answers = await together(taxi, () =>
    [
      { driver: "liia" },
      // Merged with the one before, it would keep what the driver was at first.
      { driver: { name: "lea" } },
      { driver: { age: 30 } },
    ].map((body) => update({ body })),
  );

  assert.deepEqual(
    answers.map((answer) => answer["_version"] as unknown),
    [5, 6, 6],
  );
  assert.deepEqual(storage.document.source["driver"], {
    age: 30,
    name: "lea",
  });
});

it("answers each of several modifications that are stored by one write with the document as it leaves it", async () => {
  const taxi = await aTaxi({ config: { fold: ["*/*"] } });
  const set = (seats: number) =>
    taxi.modify({ changes: { seats } }, { skipUnchanged: true });

  const answers = await together(taxi, () => [set(4), set(5), set(5), set(6)]);

  assert.deepEqual(
    answers.map(({ _source, _updatedFields, _version }) => [
      _source.seats as unknown,
      _updatedFields as unknown,
      _version as unknown,
      _source._kuzzle_info?.updater as unknown,
    ]),
    [
      [4, [], 4, "joe"],
      [5, ["seats"], 5, "joe"],
      [5, [], 5, "joe"],
      [6, ["seats"], 5, "joe"],
    ],
  );
});

it("stores all of several modifications that are written as one but the one that storage refuses", async () => {
  const taxi = await aTaxi({ config: { fold: ["*/*"] } });
  const { modify, storage } = taxi;
  storage.elasticsearch.refuses = ({ bad }) => bad && "failed to parse";

  const answers = await together(taxi, () =>
    ["a", "b", "bad", "c"].map((name) => modify({ changes: { [name]: true } })),
  );

  assert.deepEqual(
    answers.map((answer) => answer["id"] as unknown),
    [
      undefined,
      undefined,
      "services.storage.unexpected_bad_request",
      undefined,
    ],
  );
  const { _kuzzle_info, ...source } = storage.document.source as JSONObject;
  assert.equal(_kuzzle_info.updater, "joe");
  assert.deepEqual(Object.keys(source).sort(), [
    "a",
    "b",
    "c",
    "first",
    "seats",
  ]);
});

it("stores in the order of arrival what is left of updates that storage refuses as one", async () => {
  const { storage, update } = await aTaxi({ config: { fold: ["*/*"] } });
  storage.elasticsearch.refuses = ({ bad }) => bad && "failed to parse";

  const outcomes = await Promise.allSettled(
    ["first", "a", "bad", "b", "c"].map((last) =>
      update({ body: { [last]: true, last } }),
    ),
  );

  assert.deepEqual(
    outcomes.flatMap(({ status }, place) =>
      status === "rejected" ? [place] : [],
    ),
    [2],
  );
  assert.equal(storage.document.source["last"], "c");
});

it("writes nothing of a modification that the write of another makes superfluous, if asked so", async () => {
  const { modify, storage } = await aTaxi();
  storage.before = () => {
    storage.before = () => {};
    storage.write({ seats: 5 });
  };

  const { result } = await modify(
    { changes: { seats: 5 } },
    { skipUnchanged: true },
  );

  assert.deepEqual([result["_updatedFields"], result["_version"]], [[], 4]);
  assert.equal(storage.document.version, 4);
});

it("refuses no modification for a change before it that is not stored after all", async () => {
  const taxi = await aTaxi({ config: { fold: ["*/*"] } });
  const { modify, storage } = taxi;
  storage.elasticsearch.refuses = ({ seats }) =>
    seats === 5 ? "failed to parse" : undefined;

  const answers = await together(taxi, () => [
    modify({ condition: { equals: { seats: 3 } } }),
    modify({ changes: { seats: 5 } }),
    // Does not hold for the document as the one before would have left it.
    modify({
      changes: { seats: 6 },
      condition: { equals: { seats: 4 } },
    }),
  ]);

  assert.deepEqual(
    answers.map((answer) => answer["id"] as unknown),
    [
      "plugin.document-update.condition_not_met",
      "services.storage.unexpected_bad_request",
      undefined,
    ],
  );
  assert.equal(storage.document.source["seats"], 6);
});

it("holds up nobody for a write that waits for a refresh", async () => {
  for (const config of ways) {
    for (const action of ["update", "modify"] as const) {
      const { modify, storage, update } = await aTaxi({ config });
      let refresh = () => {};
      const refreshed = new Promise<void>((resolve) => (refresh = resolve));
      storage.elasticsearch.respond = async ({ querystring }) => {
        if (querystring.includes("wait_for")) {
          await refreshed;
        }
        return undefined;
      };

      const waiting = Promise.allSettled([
        action === "update"
          ? update({ body: { a: 1 }, refresh: "wait_for" })
          : modify({ changes: { a: 1 } }, { refresh: "wait_for" }),
      ]);
      await settled();
      await modify({ changes: { b: 2 } });

      assert.equal(storage.document.source["b"], 2);
      refresh();
      const [outcome] = await waiting;
      assert.equal(outcome.status, "fulfilled");
      assert.equal(storage.document.source["a"], 1);
    }
  }
});

it("carries out a request with a key once, for its user and its payload, and answers repeats as the first", async () => {
  for (const config of ways) {
    const { modify, storage } = await aTaxi({ config });
    const once = (by = 1, user = "joe") =>
      modify(
        { operators: { increment: { seats: by } } },
        { requestKey: "a" },
        { user: aUser({ _id: user }) },
      );

    const { result } = await once();
    assert.deepEqual((await once()).result, result);
    await assert.rejects(once(2), {
      id: "plugin.document-update.request_key_reused",
    });
    assert.equal(storage.document.source["seats"], 5);
    await once(1, "ann");
    assert.equal(storage.document.source["seats"], 6);
  }
});

it("stores a change on its condition alone, however many come at once and whoever writes between", async () => {
  for (const config of ways) {
    const { modify, storage, update } = await aTaxi({ config });
    let others = 3;
    storage.before = () => {
      if (others-- > 0) {
        storage.write({ others });
      }
    };
    const atMost = { range: { seats: { lt: 7 } } };

    const taken = await Promise.allSettled(
      [...Array(6).keys()].map(() =>
        modify({ condition: atMost, operators: { increment: { seats: 1 } } }),
      ),
    );

    const ids = taken.map((outcome) =>
      outcome.status === "fulfilled"
        ? outcome.value.result["_source"].seats
        : (outcome.reason as KuzzleError).id,
    );
    const refused = "plugin.document-update.condition_not_met";
    assert.deepEqual(ids, [5, 6, 7, refused, refused, refused]);
    assert.equal(storage.document.source["seats"], 7);
    const { version } = storage.document;
    const [first, second] = await Promise.allSettled([
      update({ body: { a: 1 }, ifVersion: version }),
      update({ body: { a: 2 }, ifVersion: version }),
    ]);
    assert.deepEqual(
      [first.status, second.status],
      ["fulfilled", "rejected"],
      "one of two",
    );
    assert.equal(storage.document.source["a"], 1);
  }
});

it("stores nothing for a user without the native right, and needs a user of every client", async () => {
  for (const config of ways) {
    const { kuzzle, modify, storage } = await aTaxi({ config });
    const user = aUser({ allowed: false });

    for (const data of [{}, { _id: "none" }]) {
      await assert.rejects(modify({ changes: {} }, data, { user }), {
        id: "security.rights.forbidden",
      });
    }
    const own = await aTaxi({ config });
    await assert.rejects(own.update({}, { user }), {
      id: "security.rights.forbidden",
    });
    await assert.rejects(own.update({}, { user: null }), {
      id: "plugin.document-update.user_required",
    });
    assert.equal(storage.sent.length + own.storage.sent.length, 0);
    assert.ok(!kuzzle.events.some((event) => event.includes("Update")));
  }
});

it("asks for the right on document:update itself, whether or not anything listens to its events", async () => {
  for (const isHeard of [true, false]) {
    const { modify, storage, update } = await aTaxi({ isHeard });
    const asked: string[] = [];
    const user = {
      _id: "joe",
      isActionAllowed: async ({ input }: KuzzleRequest) => {
        asked.push(`${input.controller}:${input.action}`);
        return input.controller === "document-update";
      },
    };
    const forbidden = { id: "security.rights.forbidden" };

    await assert.rejects(update({}, { user }), forbidden);
    await assert.rejects(modify({ changes: {} }, {}, { user }), forbidden);

    assert.deepEqual([...new Set(asked)], ["document:update"]);
    assert.equal(storage.sent.length, 0);
  }
});

it("stores modifications in the asynchronous context of one that is stored, not of one that is refused", async () => {
  const { kuzzle, modify } = await aTaxi({ config: { fold: ["*/*"] } });
  const requests = new AsyncLocalStorage<string>();
  const contexts = new Set<string | undefined>();
  const funnel = kuzzle.kuzzle["funnel"] as {
    executePluginRequest: (request: KuzzleRequest) => Promise<unknown>;
  };
  const execute = funnel.executePluginRequest;
  funnel.executePluginRequest = (request) => {
    contexts.add(requests.getStore());
    return execute(request);
  };
  const operators = { increment: { seats: 1 } };

  const outcomes = await Promise.allSettled(
    ["first", "good", "bad"].map((name) =>
      requests.run(name, () =>
        modify({
          condition: { exists: name === "bad" ? "missing" : "seats" },
          operators,
        }),
      ),
    ),
  );

  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "fulfilled", "rejected"],
  );
  assert.deepEqual([...contexts], ["first", "good"]);
});

it("hands on no argument of the client but those that it allows", async () => {
  const { kuzzle, update } = await aTaxi();
  const reserved = { __kuid__: "ann", __checkRights__: false, upsert: {} };

  await update({ ...reserved, source: true, triggerEvents: true });

  const { context, input } = kuzzle.handed.at(-1)!;
  const { args } = input;
  assert.equal(context.user?._id, "joe");
  assert.equal(args["__kuid__"], undefined);
  assert.equal(args["__checkRights__"], undefined);
  assert.equal(args["triggerEvents"], undefined);
  assert.equal(args["upsert"], undefined);
  assert.equal(args["source"], true);
});

it("answers all that wait for a document that is gone at once, by a few requests", async () => {
  for (const config of ways) {
    for (const action of ["update", "modify"] as const) {
      const { modify, storage, update } = await aTaxi({ config });
      const { elasticsearch } = storage;
      elasticsearch.stored.delete("liia");
      elasticsearch.sent.length = 0;

      const outcomes = await Promise.allSettled(
        [...Array(300).keys()].map((n) =>
          action === "update"
            ? update({ body: { n } })
            : modify({ changes: { n } }),
        ),
      );

      for (const outcome of outcomes) {
        assert.equal(outcome.status, "rejected");
        const error = outcome.reason as KuzzleError;
        assert.equal(
          error.status,
          404,
          `${action} ${JSON.stringify(config)} ${error.message}`,
        );
      }
      // Pipes may change it.
      const errors = outcomes.map((each) =>
        each.status === "rejected" ? (each.reason as Error) : undefined,
      );
      assert.equal(new Set(errors).size, errors.length, "one of its own each");
      if (action === "modify" || "fold" in config) {
        assert.ok(
          elasticsearch.sent.length < 20,
          String(elasticsearch.sent.length),
        );
      }
    }
  }
});

it("holds up nobody for a pipe that takes long, or never returns", async () => {
  for (const config of [{ maxWait: 600 }, { fold: ["*/*"], maxWait: 600 }]) {
    const { modify, storage } = await aTaxi({
      config,
      pipes: {
        [BEFORE]: (payload) => {
          const { body } = (payload as KuzzleRequest).input;
          if (body?.["never"]) {
            return new Promise(() => {});
          }
          return body?.["slow"]
            ? new Promise((resolve) => setTimeout(resolve, 200, payload))
            : payload;
        },
      },
    });
    const operators = { increment: { seats: 1 } };

    const outcomes = await Promise.allSettled(
      [{}, {}, { never: true }, { slow: true }, {}].map((changes) =>
        Promise.race([
          modify({ changes, operators }),
          new Promise((_, reject) => setTimeout(reject, 3_000, "held up")),
        ]),
      ),
    );

    const ids = outcomes.map((outcome) =>
      outcome.status === "rejected"
        ? ((outcome.reason as KuzzleError).id ?? outcome.reason)
        : "stored",
    );
    if ("fold" in config) {
      assert.deepEqual(ids, [
        ...["stored", "stored", "plugin.document-update.timed_out"],
        ...["stored", "stored"],
      ]);
      assert.equal(storage.document.source["seats"], 8);
    } else {
      assert.deepEqual(
        [ids[0], ids[1], ids[2]],
        ["stored", "stored", "held up"],
      );
      // They go on when the turn of the other has taken too long.
      assert.ok(!ids.slice(3).includes("held up"));
    }
  }
});

it("lets pipes modify each other's documents: neither waits for the turn of the other", async () => {
  const inPipes: (() => void)[] = [];
  const taxi = await aTaxi({
    pipes: {
      "document:beforeUpdate": async (payload) => {
        const { args, body } = (payload as KuzzleRequest).input;
        if (body!["isFromPipe"] !== true) {
          // Until both documents have their turns.
          await new Promise<void>((resolve) => {
            inPipes.push(resolve);
            if (inPipes.length === 2) {
              inPipes.forEach((each) => each());
            }
          });
          const _id = args["_id"] === "liia" ? "lea" : "liia";
          await taxi.modify({ changes: { isFromPipe: true } }, { _id });
        }
        return payload;
      },
    },
  });
  const { stored } = taxi.storage.elasticsearch;
  taxi.storage.elasticsearch.store("lea", {}, 3);

  const outcomes = await Promise.allSettled(
    ["lea", "liia"].map((_id) =>
      taxi.modify({ changes: { isFromClient: true } }, { _id }),
    ),
  );

  for (const outcome of outcomes) {
    // Whether it was stored before the pipe of the other wrote the document.
    if (outcome.status === "rejected") {
      assert.equal(outcome.reason.id, "plugin.document-update.changed_by_pipe");
    }
  }
  assert.equal(stored.get("lea")!.source["isFromPipe"], true);
  assert.equal(stored.get("liia")!.source["isFromPipe"], true);
});

it("gives up with version_conflict when others write all the time", async () => {
  for (const config of [{ maxWait: 60 }, { fold: ["*/*"], maxWait: 60 }]) {
    const { modify, stats, storage } = await aTaxi({ config });
    storage.before = () => storage.write({});

    await assert.rejects(modify({ operators: { increment: { seats: 1 } } }), {
      id: "plugin.document-update.version_conflict",
      props: ["nyc-open-data", "yellow-taxi", "liia"],
      status: 409,
    } as never);

    assert.equal(storage.document.source["seats"], 4);
    assert.ok((await stats()).conflicts > 1);
  }
});

it("refuses in time what server code sends from a pipe, where the pipes of its events cannot run", async () => {
  const { modify, storage, update } = await aTaxi({
    pipes: { [BEFORE]: () => new Promise(() => {}) },
  });
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    for (const send of [
      () => update({}, ofServerCode),
      () => modify({ changes: { a: 1 } }, {}, ofServerCode),
    ]) {
      const refused = assert.rejects(send(), {
        id: "plugin.document-update.timed_out",
        status: 503,
      });
      for (let n = 0; n < 20; n++) {
        await settled();
      }
      mock.timers.tick(10_000);
      await refused;
    }
  } finally {
    mock.timers.reset();
  }
  assert.equal(storage.sent.length, 0);
});

it("takes Kuzzle's metadata in a body for no change", async () => {
  const { modify, storage, update } = await aTaxi();
  const body = { _kuzzle_info: { updater: "a client" }, seats: 4 };

  await update({ body, skipUnchanged: true });
  await modify({ changes: body }, { skipUnchanged: true });

  assert.equal(storage.document.version, 3);
});

it("shows pipes the document that is written, also where a client has put its name into a prototype", async () => {
  const seen: unknown[] = [];
  const { kuzzle, modify } = await aPlugin({}, "7", {
    "document:beforeUpdate": (payload) => {
      const { _id, collection, index } = (payload as KuzzleRequest).input.args;
      seen.push([index, collection, _id]);
      return payload;
    },
  });
  kuzzle.elasticsearch.store("liia", { seats: 4 });
  const { context } = aRequest();
  const sent = `{
    "controller": "document-update",
    "action": "modify",
    "__proto__": { "index": "nyc-open-data", "collection": "yellow-taxi", "_id": "liia" },
    "body": { "operators": { "set": { "paid": true } } }
  }`;

  await modify(new KuzzleRequest(JSON.parse(sent), context.toJSON()));

  assert.deepEqual(seen, [["nyc-open-data", "yellow-taxi", "liia"]]);
  assert.equal(kuzzle.elasticsearch.stored.get("liia")!.source["paid"], true);
});

it("stores the updates of a connection in their order, also where they do not go straight into a batch", async () => {
  const SPECIFIED = { "nyc-open-data": { "yellow-taxi": {} } };
  for (const [name, config, specification, pipes] of [
    ["alone", { batchWrites: false }, {}, {}],
    ["after a read", {}, SPECIFIED, {}],
    [
      "after pipes",
      {},
      {},
      {
        "generic:document:injectMetadata": async (payload: unknown) => {
          await Promise.resolve();
          return payload;
        },
      },
    ],
    ["waiting for a refresh", {}, {}, {}],
  ] as const) {
    const { kuzzle, storage, update } = await aTaxi({ config, pipes });
    kuzzle.kuzzle.validation["specification"] = specification;
    const args = name.startsWith("waiting") ? { refresh: "wait_for" } : {};
    // More than batches wait, less than what comes after waits for a refresh.
    let pause = args.refresh ? 10 : 150;
    storage.elasticsearch.respond = async () => {
      const own = pause;
      pause = 1;
      await sleep(own);
      return undefined;
    };

    await Promise.all(
      [1, 2, 3].map((seats) => update({ body: { seats }, ...args })),
    );

    assert.equal(storage.document.source["seats"], 3, name);
  }
});
