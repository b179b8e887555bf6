import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import type { KuzzleError } from "kuzzle";

import { type Turn, Turns } from "../../../lib/change/Turns";
import { aliasOf } from "../../../lib/kuzzle/alias";
import { Outcomes, settled } from "../../support/aWrite";
import { refusal } from "../../support/refusal";

const liia = { _id: "liia", collection: "yellow-taxi", index: "nyc" };
const joe = { ...liia, _id: "joe" };
const known = { primaryTerm: 1, seqNo: 7, source: { seats: 4 }, version: 2 };

afterEach(() => mock.timers.reset());

/** Turns, and writers that end when a test says so. */
function aQueue({ maxPending = 100, maxWait = 5_000 } = {}) {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  const turns = new Turns({ maxPending, maxWait });
  const outcomes = new Outcomes();
  /** Those that write, in the order in which they have begun. */
  const writing = new Map<
    string,
    { turn: Turn | undefined; end: () => void; fail: (error: Error) => void }
  >();
  const writer = (name: string) => (turn?: Turn) =>
    new Promise<string>((resolve, reject) => {
      const gone = () => writing.delete(name);
      writing.set(name, {
        end: () => {
          gone();
          resolve(name);
        },
        fail: (error) => {
          gone();
          reject(error);
        },
        turn,
      });
    });

  return {
    alone: (name: string, target = liia) =>
      outcomes.follow(turns.alone(target, writer(name))),
    end: async (name: string) => {
      writing.get(name)!.end();
      await settled();
    },
    fail: async (name: string, error = new Error(name)) => {
      writing.get(name)!.fail(error);
      await settled();
    },
    outcomes,
    shared: (name: string, target = liia) =>
      outcomes.follow(turns.shared(target, writer(name))),
    turnOf: (name: string) => writing.get(name)!.turn!,
    turns,
    writing: async () => {
      await settled();
      return [...writing.keys()].join(" ");
    },
  };
}

const assertRefused = (error: unknown, name: string, ...props: string[]) =>
  refusal(name, liia.index, liia.collection, ...props)(error as KuzzleError);

const pass = async (ms: number) => {
  mock.timers.tick(ms);
  await settled();
};

it("lets exclusive writers begin one after another, in order of arrival", async () => {
  const { alone, end, outcomes, turns, writing } = aQueue();
  ["a", "b", "c"].forEach((name) => alone(name));

  assert.equal(await writing(), "a");
  await end("a");
  assert.equal(await writing(), "b");
  await end("b");
  assert.equal(await writing(), "c");
  await end("c");

  assert.deepEqual(outcomes.all, ["a", "b", "c"]);
  assert.equal(turns.count, 0);
});

it("does not make a document wait for another", async () => {
  const { alone, shared, turns, writing } = aQueue();
  alone("a");
  alone("b", joe);
  shared("c", { ...liia, collection: "green-taxi" });
  shared("d", { ...liia, index: "sf" });

  assert.deepEqual((await writing()).split(" ").sort(), ["a", "b", "c", "d"]);
  assert.equal(turns.count, 2);
});

it("knows a document by the names that storage has", async () => {
  const { alone, writing } = aQueue();
  alone("a", { _id: "x", collection: "b.c", index: "a" });
  alone("b", { _id: "x", collection: "c", index: "a.b" });

  assert.equal(await writing(), "a");
});

it("lets the next one begin, however a turn ends", async () => {
  const { alone, fail, outcomes, turns, writing } = aQueue();
  const broken = new Error("broken");
  outcomes.follow(
    turns.alone(liia, () => {
      throw broken;
    }),
  );
  alone("a");
  alone("b");

  assert.equal(await writing(), "a");
  await fail("a", broken);
  assert.equal(await writing(), "b");
  await fail("b", broken);

  assert.deepEqual(outcomes.all, [broken, broken, broken]);
  assert.equal(turns.count, 0);
});

it("passes the stored document on to the next writer only", async () => {
  const { alone, end, fail, turnOf } = aQueue();
  ["a", "b", "c"].forEach((name) => alone(name));
  alone("x", joe);
  await settled();

  assert.equal(turnOf("a").known, undefined);
  turnOf("a").known = known;
  await end("a");
  assert.equal(turnOf("b").known, known);
  assert.equal(turnOf("x").known, undefined);
  turnOf("b").known = undefined;
  await fail("b");
  assert.equal(turnOf("c").known, undefined);
  turnOf("c").known = known;
  await end("c");

  alone("d");
  await settled();
  assert.equal(turnOf("d").known, undefined);
});

it("keeps no document after a turn, since a connection opened during it may reference the turn", async () => {
  for (const isLate of [false, true]) {
    const { alone, end, turnOf, turns } = aQueue();
    alone("a");
    await settled();
    const turn = turnOf("a");
    if (isLate) {
      await pass(5_000);
    }
    turn.known = known;
    await end("a");

    assert.equal(turn.known, undefined);
    assert.equal(turns.count, 0);
  }
});

it("lets plain writes share a turn, and begin at once without exclusive writers", async () => {
  const { shared, turns, writing } = aQueue();
  ["a", "b"].forEach((name) => shared(name));

  assert.equal(await writing(), "a b");
  assert.equal(turns.count, 0);
});

it("makes plain and exclusive writers wait for each other, in order", async () => {
  const { alone, end, outcomes, shared, turns, writing } = aQueue();
  alone("a");
  shared("b");
  shared("c");
  alone("d");
  shared("e");

  assert.equal(await writing(), "a");
  await end("a");
  assert.equal(await writing(), "b c");
  shared("f");
  assert.equal(await writing(), "b c");
  await end("c");
  assert.equal(await writing(), "b");
  await end("b");
  assert.equal(await writing(), "d");
  await end("d");
  assert.equal(await writing(), "e f");
  shared("g");
  assert.equal(await writing(), "e f g");
  alone("h");
  await end("e");
  await end("g");
  await end("f");
  assert.equal(await writing(), "h");
  await end("h");

  assert.ok(outcomes.all.every((outcome) => outcome !== "pending"));
  assert.equal(turns.count, 0);
});

it("knows nothing of a document that plain writes have changed", async () => {
  const { alone, end, fail, shared, turnOf } = aQueue();
  alone("a");
  shared("b");
  alone("c");
  await settled();
  turnOf("a").known = known;
  await end("a");
  await fail("b");

  assert.equal(turnOf("c").known, undefined);
});

it("tells whether others wait for the end of a turn", async () => {
  const { alone, end, turnOf } = aQueue();
  alone("a");
  await settled();
  assert.equal(turnOf("a").isAwaited(), false);
  alone("b");
  assert.equal(turnOf("a").isAwaited(), true);
  await end("a");

  assert.equal(turnOf("b").isAwaited(), false);
  await end("b");
});

it("gives up on a turn after the longest wait, and leaves nothing behind", async () => {
  const { alone, end, outcomes, turns, writing } = aQueue({ maxWait: 2_000 });
  alone("a");
  alone("b");
  alone("c");
  await pass(1_500);
  await end("a");
  alone("d");
  await pass(499);
  assert.equal(outcomes.all[2], "pending");
  await pass(1);

  assertRefused(outcomes.all[2], "version_conflict", "liia");
  await end("b");
  assert.equal(await writing(), "d");
  await end("d");
  await pass(10_000);
  const [, , , last] = outcomes.all;
  assert.equal(last, "d");
  assert.equal(turns.count, 0);
});

it("ends a turn that takes longer than others would wait for it", async () => {
  for (const way of ["alone", "shared"] as const) {
    const queue = aQueue();
    const { alone, end, outcomes, turnOf, turns, writing } = queue;
    alone("first");
    queue[way]("hanging");
    await settled();
    await end("first");
    await pass(1);
    alone("b");
    alone("c");
    await pass(4_998);
    assert.equal(await writing(), "hanging");
    await pass(1);

    assert.equal(await writing(), "hanging b");
    turnOf("b").known = known;
    // Its result is not passed on by then, and it does not end the turn of others.
    await end("hanging");
    assert.equal(await writing(), "b");
    await end("b");
    assert.equal(turnOf("c").known, known);
    await end("c");
    assert.deepEqual(outcomes.all, ["first", "hanging", "b", "c"]);
    assert.equal(turns.count, 0);
  }
});

it("waits one second at least, since waiting for a turn is not a conflict", async () => {
  const { alone, end, outcomes, writing } = aQueue({ maxWait: 0 });
  alone("a");
  alone("b");
  await pass(999);
  await end("a");

  assert.equal(await writing(), "b");
  assert.deepEqual(outcomes.all, ["a", "pending"]);
});

it("lets a plain write begin without a turn after the longest wait", async () => {
  const { alone, end, outcomes, shared, turns, writing } = aQueue();
  alone("a");
  alone("b");
  shared("c");
  await pass(3_000);
  shared("d");
  await end("a");
  assert.equal(await writing(), "b");
  await pass(2_000);

  assert.equal(await writing(), "b c");
  await end("c");
  // It has taken no turn, and ends none.
  assert.equal(await writing(), "b");
  await end("b");
  assert.equal(await writing(), "d");
  await end("d");
  assert.deepEqual(outcomes.all, ["a", "b", "c", "d"]);
  assert.equal(turns.count, 0);
});

it("limits the number of waiting writers, plain or exclusive", async () => {
  const { alone, end, outcomes, shared, writing } = aQueue({ maxPending: 2 });
  alone("a");
  alone("b");
  shared("c");
  alone("d");
  shared("e");
  alone("x", joe);
  await settled();

  for (const refused of outcomes.all.slice(3, 5)) {
    assertRefused(refused, "too_many_pending", "liia", "2");
  }
  await end("a");
  alone("f");
  await end("b");
  await end("c");
  assert.equal(await writing(), "x f");
});

it("does not make writes during a turn wait for it, and marks the turn as overtaken", async () => {
  for (const way of ["alone", "shared"] as const) {
    const { outcomes, turns } = aQueue();
    const seen: unknown[] = [];
    outcomes.follow(
      turns.alone(liia, async (turn) => {
        await turns[way](joe, async () => {});
        seen.push(turn.isOvertaken);
        await assert.rejects(
          turns[way](liia, () => Promise.reject(new Error("refused"))),
        );
        seen.push(turn.isOvertaken);
        await turns[way](liia, async () => {});
        seen.push(turn.isOvertaken);
        turn.known = known;
        return "outer";
      }),
    );
    outcomes.follow(turns.alone(liia, async (turn) => turn.known));
    await settled();

    assert.deepEqual(seen, [false, false, true]);
    assert.deepEqual(outcomes.all, ["outer", undefined]);
    assert.equal(turns.count, 0);
  }
});

it("marks each turn of the document during which it is written", async () => {
  const { turns } = aQueue();
  const seen: boolean[] = [];

  await turns.alone(liia, async (outer) => {
    await turns.alone(liia, async (inner) => {
      await turns.alone(liia, async () => {});
      seen.push(inner.isOvertaken, outer.isOvertaken);
    });
  });

  assert.deepEqual(seen, [true, true]);
});

it("notices a write without the plugin during a turn", async () => {
  const { turns } = aQueue();
  const alias = aliasOf(liia.index, liia.collection);
  const seen: boolean[] = [];
  turns.onForeignWrite(alias, "liia");

  await turns.alone(liia, async (turn) => {
    turns.onForeignWrite(alias, "joe");
    turns.onForeignWrite(undefined, undefined);
    seen.push(turn.isOvertaken);
    turns.onForeignWrite(alias, "liia");
    seen.push(turn.isOvertaken);
  });

  assert.deepEqual(seen, [false, true]);
});

it("does not make writes during a shared turn wait for it", async () => {
  const { alone, end, outcomes, turns } = aQueue();
  alone("a");
  outcomes.follow(
    turns.shared(liia, () =>
      turns.alone(liia, () => turns.shared(liia, async () => "inner")),
    ),
  );
  alone("b");
  await settled();
  await end("a");
  await settled();

  assert.deepEqual(outcomes.all.slice(0, 2), ["a", "inner"]);
  await end("b");
  assert.equal(turns.count, 0);
});

it("does not let two turns wait for each other", async () => {
  const { outcomes, turns } = aQueue();
  const crossing = (one: typeof liia, other: typeof liia) =>
    outcomes.follow(
      turns.alone(one, async () => {
        await settled();
        return turns.alone(other, async () => one._id);
      }),
    );
  crossing(liia, joe);
  crossing(joe, liia);
  await settled();
  await settled();

  assert.deepEqual(outcomes.all, ["liia", "joe"]);
  assert.equal(turns.count, 0);
});

it("makes code that outlives its turn wait like any other", async () => {
  const { alone, end, outcomes, turns, writing } = aQueue();
  let goOn: () => void = () => {};
  const later = new Promise<void>((resolve) => (goOn = resolve));
  await turns.alone(liia, async () => {
    outcomes.follow(
      later.then(() => turns.alone(liia, async ({ known: left }) => left)),
    );
    outcomes.follow(later.then(() => turns.shared(liia, async () => "late")));
  });
  alone("a");
  await settled();
  goOn();

  assert.equal(await writing(), "a");
  assert.deepEqual(outcomes.all, ["pending", "pending", "pending"]);
  await end("a");
  assert.deepEqual(outcomes.all, [undefined, "late", "a"]);
  assert.equal(turns.count, 0);
});

it("does not make code wait that outlives a turn within another turn", async () => {
  const { outcomes, turns } = aQueue();
  await turns.alone(liia, async () => {
    let inner: Promise<unknown> = Promise.resolve();
    await turns.alone(joe, async () => {
      inner = settled().then(() => turns.alone(liia, async () => "inner"));
    });
    outcomes.follow(inner);
    await inner;
  });

  assert.deepEqual(outcomes.all, ["inner"]);
});
