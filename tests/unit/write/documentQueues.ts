import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import fc from "fast-check";

import { DocumentQueues, type Turn } from "../../../lib/write/DocumentQueues";
import { Outcomes, settled } from "../../support/aWrite";

afterEach(() => {
  mock.restoreAll();
  mock.timers.reset();
});

const liia = { _id: "liia", collection: "taxis", index: "iot" };
const lea = { ...liia, _id: "lea" };
const TIMED_OUT = "plugin.document-update.timed_out";

interface Given {
  readonly connectionId?: string;
  readonly group?: string;
  readonly target?: typeof liia;
}

/** Queues, and what is sent to them, which ends when a test says so. */
function aQueue({ maxPending = 100, maxWait = 5_000 } = {}) {
  const queues = new DocumentQueues({ maxPending, maxWait });
  const outcomes = new Outcomes();
  /** What has begun, in its order, with those that run together as one. */
  const begun: string[] = [];
  const turns = new Map<string, Turn>();
  const ends = new Map<string, () => void>();
  const until = (name: string) =>
    new Promise<void>((resolve) => ends.set(name, resolve));

  return {
    begun,
    change: (
      name: string,
      { connectionId = "a", group, target = liia }: Given = {},
      run: (turn: Turn) => Promise<void> = () => until(name),
    ) =>
      outcomes.follow(
        new Promise((resolve, reject) => {
          const job = { connectionId, group, name, reject, resolve };
          queues.together(target, job, async (jobs, turn) => {
            const names = jobs.map((each) => each.name).join("+");
            begun.push(names);
            turns.set(name, turn);
            await run(turn);
            jobs.forEach((each) => each.resolve(each.name));
          });
        }),
      ),
    end: async (name: string) => {
      ends.get(name)!();
      await settled();
    },
    outcomes,
    plain: (
      name: string,
      {
        connectionId = "a",
        mayBeLate = false,
        runsPipes = false,
        target = liia,
        waitsForRefresh = false,
      } = {},
      run: (onStored: () => void) => Promise<void> = () => until(name),
    ) =>
      outcomes.follow(
        queues.plain(
          target,
          { connectionId, mayBeLate, runsPipes, waitsForRefresh },
          async (onStored) => {
            begun.push(name);
            await run(onStored);
            return name;
          },
        ),
      ),
    queues,
    turns,
  };
}

/** Advances this process's clock. */
function aClock() {
  let now = 1_000;
  mock.method(performance, "now", () => now);
  mock.timers.enable({ apis: ["setTimeout"] });

  return async (ms: number) => {
    now += ms;
    mock.timers.tick(ms);
    await settled();
  };
}

it("runs plain updates beside each other, and a change when they are stored", async () => {
  const { begun, change, end, outcomes, plain, queues } = aQueue();

  plain("one");
  plain("two");
  change("three");
  plain("four");
  change("other", { target: lea });
  await settled();
  assert.deepEqual(begun, ["one", "two", "other"]);
  assert.deepEqual([queues.count, queues.longest], [2, 2]);

  await end("one");
  await end("two");
  assert.deepEqual(begun.slice(3), ["three"]);
  await end("three");
  assert.deepEqual(begun.slice(4), ["four"]);
  await end("four");
  await end("other");
  assert.deepEqual(outcomes.all, ["one", "two", "three", "four", "other"]);
  assert.deepEqual([queues.count, queues.longestEver], [0, 2]);
});

it("runs what waits of a group together, but lets nothing overtake what its connection sent before", async () => {
  const { begun, change, end } = aQueue();
  change("first");
  change("a1", { group: "x" });
  change("b1", { connectionId: "b", group: "y" });
  change("b2", { connectionId: "b", group: "x" });
  change("c1", { connectionId: "c", group: "x" });
  change("alone");
  change("a2", { group: "x" });

  for (const name of ["first", "a1", "b1", "b2", "alone", "a2"]) {
    await end(name);
  }

  assert.deepEqual(begun, ["first", "a1+c1", "b1", "b2", "alone", "a2"]);
});

it("refuses what is too many, plain or not", async () => {
  const { change, end, outcomes, plain } = aQueue({ maxPending: 2 });
  change("first");
  plain("one");
  change("two");
  plain("three");
  change("four");
  await settled();

  const refused = "plugin.document-update.too_many_pending";
  assert.deepEqual(outcomes.ids.slice(3), [refused, refused]);
  for (const name of ["first", "one", "two"]) {
    await end(name);
  }
  assert.deepEqual(outcomes.all.slice(0, 3), ["first", "one", "two"]);
});

it("ends the wait of a change after the longest time, and begins the next when a turn hangs", async () => {
  const pass = aClock();
  const { begun, change, end, outcomes, plain } = aQueue();
  change("hangs");
  change("waits");
  await pass(2_500);
  change("later");
  plain("plain");
  await pass(2_500);
  // It has waited for as long as it may, and has no time left.
  assert.equal(outcomes.ids[1], TIMED_OUT);
  assert.deepEqual(begun, ["hangs", "later"]);

  await pass(2_500);
  assert.deepEqual(begun, ["hangs", "later", "plain"]);
  await end("plain");
  await end("later");
  await end("hangs");
  assert.deepEqual([outcomes.all[0], outcomes.all[2]], ["hangs", "later"]);
});

it("waits at least a second, whatever the longest wait", async () => {
  const pass = aClock();
  const { change, outcomes } = aQueue({ maxWait: 0 });
  change("first");
  change("second");
  await pass(999);
  assert.equal(outcomes.all[1], "pending");
});

it("sets one timer for all that wait", async () => {
  const { change, end } = aQueue();
  const timers = mock.method(globalThis, "setTimeout");
  change("first");
  for (let n = 0; n < 99; n++) {
    change(`n${n}`, { group: "x" });
  }

  assert.equal(timers.mock.callCount(), 1);
  await end("first");
  await end("n0");
  timers.mock.restore();
});

it("begins the next as soon as a plain update is stored, long before it is answered", async () => {
  const { begun, change, end, plain } = aQueue();
  plain("plain", {}, async (onStored) => {
    onStored();
    onStored();
    await new Promise(setImmediate);
  });
  change("next");
  await settled();
  assert.deepEqual(begun, ["plain", "next"]);
  await end("next");
});

it("lets what begins inside a turn go past the queue, and tells the turn of its document", async () => {
  const { begun, change, end, plain, turns } = aQueue();
  change("outer", {}, async () => {
    plain("inner", {}, async () => {});
    change("changed", {}, async () => {});
    plain("elsewhere", { target: lea }, async () => {});
    await settled();
  });
  change("waits");
  while (begun.length < 5) {
    await settled();
  }
  assert.deepEqual(begun, ["outer", "inner", "changed", "elsewhere", "waits"]);
  assert.ok(turns.get("outer")?.isOvertaken);
  assert.ok(!turns.get("waits")?.isOvertaken);
  await end("waits");
});

it("hands the document on that a turn has left, unless it was overtaken", async () => {
  const { change, queues } = aQueue();
  const document = { primaryTerm: 1, seqNo: 1, source: {}, version: 1 };
  const known: unknown[] = [];
  const leave = (isOvertaken: boolean) => async (turn: Turn) => {
    known.push(turn.known);
    await settled();
    assert.equal(turn.isAwaited(), known.length < 3);
    turn.known = document;
    if (isOvertaken) {
      queues.onForeignWrite(liia);
    }
    turn.end();
    assert.ok(!turn.isAwaited());
    await settled();
  };
  change("one", {}, leave(false));
  change("two", {}, leave(true));
  change("three", {}, leave(false));
  while (known.length < 3) {
    await settled();
  }

  assert.deepEqual(known, [undefined, document, undefined]);
});

it("begins what a connection sends in its order, whatever it is", async () => {
  const sent = fc.array(
    fc.record({
      connectionId: fc.constantFrom("a", "b", "c"),
      group: fc.constantFrom(undefined, "x", "y"),
      isPlain: fc.boolean(),
      mayBeLate: fc.boolean(),
    }),
    { maxLength: 20, minLength: 2 },
  );
  await fc.assert(
    fc.asyncProperty(sent, async (all) => {
      const { begun, change, outcomes, plain } = aQueue();
      const brief = () => settled();
      all.forEach(({ connectionId, group, isPlain, mayBeLate }, n) => {
        if (isPlain) {
          plain(String(n), { connectionId, mayBeLate }, brief);
        } else {
          change(String(n), { connectionId, ...(group && { group }) }, brief);
        }
      });
      while (outcomes.all.includes("pending")) {
        await settled();
      }
      const order = begun.flatMap((names) => names.split("+").map(Number));
      assert.equal(order.length, all.length);
      for (const connection of ["a", "b", "c"]) {
        const own = order.filter((n) => all[n]!.connectionId === connection);
        assert.deepEqual(
          own,
          [...own].sort((one, other) => one - other),
        );
      }
    }),
    { numRuns: 200 },
  );
});

it("has one plain update of each connection under way, where it may reach storage late", async () => {
  const { begun, end, outcomes, plain } = aQueue({ maxPending: 4 });
  const late = { mayBeLate: true };
  plain("one");
  plain("two", late);
  plain("three", late);
  plain("other's", { ...late, connectionId: "b" });
  plain("four");
  await settled();

  assert.deepEqual(begun, ["one"]);
  await end("one");
  assert.deepEqual(begun, ["one", "two", "other's"]);
  plain("too many");
  plain("waits", { connectionId: "b" });
  plain("one too many");
  await settled();
  assert.deepEqual(
    outcomes.ids.at(-1),
    "plugin.document-update.too_many_pending",
  );
  await end("other's");
  await end("two");
  assert.deepEqual(begun.slice(3), ["three"]);
  await end("three");
  assert.deepEqual(begun.slice(4), ["four", "too many", "waits"]);
});

it("begins those of many connections at once, where they may be late", async () => {
  const { begun, plain } = aQueue();
  for (let connection = 0; connection < 50; connection++) {
    plain(`${connection}`, { connectionId: `${connection}`, mayBeLate: true });
  }
  await settled();

  assert.equal(begun.length, 50);
});

it("goes on after one that may be late and fails", async () => {
  const { begun, end, outcomes, plain } = aQueue();
  plain("fails", { mayBeLate: true }, () =>
    Promise.reject(new Error("refused")),
  );
  plain("next", { mayBeLate: true });
  await settled();

  assert.ok(outcomes.all[0] instanceof Error);
  assert.deepEqual(begun, ["fails", "next"]);
  await end("next");
});

it("goes on after a while with what comes after an update that waits for a refresh", async () => {
  const pass = aClock();
  const waiting = { mayBeLate: true, waitsForRefresh: true };
  const { begun, end, plain } = aQueue();
  plain("one", waiting);
  plain("two", waiting);
  await settled();
  assert.deepEqual(begun, ["one"]);

  await pass(30);
  assert.deepEqual(begun, ["one", "two"]);
  await end("one");
  await end("two");
});
