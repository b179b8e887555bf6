import assert from "node:assert/strict";
import { afterEach, beforeEach, it, mock } from "node:test";

import fc from "fast-check";

import { BadRequestError } from "kuzzle";

import {
  KeyedRun,
  type MemoryStorage,
  RequestKeys,
} from "../../../lib/request/requestKeys";
import { settled } from "../../support/aWrite";
import { aRequest, FakeKuzzle } from "../../support/fakeKuzzle";
import { FakeRedis } from "../../support/FakeRedis";

const LEASE = 30_000;

/** What renews the leases of the requests of a world. */
const renewals: (() => void)[] = [];

/** What happens to code that waits for something. */
type Fate = "crash" | "fail" | "go" | "late" | "twice";

interface Move {
  /** Which of the waiting ones goes on next. */
  readonly turn: number;
  readonly what:
    Fate | ("age" | "change" | "refuse" | "renew" | "same" | "sleep" | "wake");
}

class StorageGone extends Error {}
class Refused extends BadRequestError {
  constructor() {
    super("refused", "refused", 1);
  }
}

/** A document, Redis, and several clients with one request each. The order of steps and the faults are given. */
class World {
  readonly redis = new FakeRedis();
  /** Payloads whose change was stored. */
  readonly applied: string[] = [];
  /** What clients were answered. */
  readonly answers: unknown[] = [];
  readonly failures: string[] = [];
  /** Whether every client that was told that nothing is stored was told the truth. */
  isTruthful = true;
  /** Whether requests fail for what the document holds, or have nothing to change. */
  document = { isRefusing: false, isSame: false, seqNo: 1 };
  readonly #waiting: ((fate: Fate) => void)[] = [];
  readonly #sleeping: ((fate: Fate) => void)[] = [];

  get isIdle(): boolean {
    return this.#waiting.length + this.#sleeping.length === 0;
  }

  constructor() {
    renewals.length = 0;
  }

  /** Waits for a turn; after a crash, for ever. */
  async turn(): Promise<Fate> {
    const fate = await new Promise<Fate>((resolve) => {
      this.#waiting.push(resolve);
    });

    return fate === "crash" ? new Promise<never>(() => {}) : fate;
  }

  async move({ turn, what }: Move): Promise<void> {
    if (what === "age") {
      this.redis.now += LEASE;
    } else if (what === "change") {
      this.document.seqNo++;
    } else if (what === "refuse") {
      this.document.isRefusing = !this.document.isRefusing;
      this.document.seqNo++;
    } else if (what === "same") {
      this.document.isSame = !this.document.isSame;
      this.document.seqNo++;
    } else if (what === "renew") {
      // At any time, even once it is over: a timer may come late.
      renewals[turn % renewals.length]?.();
    } else if (what === "wake") {
      this.#waiting.push(...this.#sleeping.splice(0));
    } else {
      const [next] = this.#waiting.splice(turn % this.#waiting.length, 1);
      if (what === "sleep") {
        this.#sleeping.push(...(next ? [next] : []));
      } else {
        next?.(what);
      }
    }
    await settled();
  }

  /** A client sends the request, and its answer is recorded. */
  async send(payload: string): Promise<void> {
    let isApplied = false;
    const ms: MemoryStorage = {
      mexecute: (actions) =>
        this.#deliver(() => {
          isApplied = this.applied.length > 0;
          return this.redis.mexecute(actions);
        }),
    };
    try {
      this.answers.push(await this.#run(payload, ms));
    } catch (error) {
      // Before its client gets the answer, a repeat may have been processed.
      this.isTruthful &&= !(error instanceof Refused && isApplied);
      const { id } = error as { id?: string };
      this.failures.push(id?.split(".").pop() ?? (error as Error).message);
    }
  }

  /** What happens to a transaction on its way to Redis and back. */
  async #deliver<T>(run: () => Promise<T>): Promise<T> {
    const fate = await this.turn();
    if (fate === "late") {
      void this.turn().then(run);
    }
    if (fate === "fail" || fate === "late") {
      throw new Error("Redis has failed.");
    }
    let results = run();
    if (fate === "twice") {
      await this.turn();
      results = run();
    }
    if ((await this.turn()) !== "go") {
      throw new Error("Redis has not answered.");
    }

    return results;
  }

  /** Processes a request as a node does. */
  async #run(payload: string, ms: MemoryStorage): Promise<unknown> {
    const keys = new RequestKeys(ms, 5_000, 1e9);
    const begun = await keys.begin(
      aRequest({ requestKey: "k" }),
      () => payload,
    );
    assert.ok(begun);
    if (!(begun instanceof KeyedRun)) {
      return begun.result;
    }
    const answer = await begun.run(async () => {
      for (;;) {
        begun.beforeTry();
        await this.turn();
        const { isRefusing, isSame, seqNo } = this.document;
        if (isRefusing) {
          throw new Refused();
        }
        if (isSame) {
          await this.turn();
          return { _id: "liia", isSame };
        }
        await begun.beforeWrite({ primaryTerm: 1, seqNo });
        const stored = await this.#store(payload, seqNo);
        if (stored !== undefined) {
          return stored;
        }
      }
    });
    // The after events.
    await this.turn();
    const request = aRequest();
    request.setResult(answer);
    await begun.save(request);

    return answer;
  }

  /** A compare-and-swap; the answer is lost at times. */
  async #store(
    payload: string,
    seqNo: number,
  ): Promise<{ readonly _id: string } | undefined> {
    const fate = await this.turn();
    const compareAndSwap = () => {
      if (this.document.seqNo !== seqNo) {
        return undefined;
      }
      this.applied.push(payload);

      return { _id: "liia", _version: ++this.document.seqNo, payload };
    };
    if (fate === "late") {
      void this.turn().then(compareAndSwap);
    }
    if (fate === "fail" || fate === "late") {
      throw new StorageGone();
    }
    const stored = compareAndSwap();
    if ((await this.turn()) !== "go") {
      throw new StorageGone();
    }

    return stored;
  }
}

const weighted = (weights: Readonly<Record<Move["what"], number>>) =>
  fc.record({
    turn: fc.nat(20),
    what: fc.oneof(
      ...Object.entries(weights).map(([what, weight]) => ({
        arbitrary: fc.constant(what as Move["what"]),
        weight,
      })),
    ),
  });

const moves = weighted({
  age: 5,
  change: 2,
  crash: 1,
  fail: 1,
  go: 20,
  late: 1,
  refuse: 1,
  renew: 2,
  same: 1,
  sleep: 1,
  twice: 1,
  wake: 1,
});

/** No faults: only several clients and other writers at the same time. */
const faultless = moves.filter(({ what }) =>
  ["change", "go", "refuse", "renew", "same"].includes(what),
);

async function play(
  world: World,
  clients: readonly string[],
  all: readonly Move[],
): Promise<void> {
  const sending = [...clients];
  for (const move of all) {
    // Some are there from the first; each of the others comes after another few moves.
    if (sending.length > 0 && move.turn % 3 === 0) {
      void world.send(sending.pop()!);
      await settled();
    }
    await world.move(move);
  }
}

/** Sends the request again, without faults, until it is not under way, and returns what its client is told. */
async function learn(world: World): Promise<unknown> {
  const drain = async () => {
    while (!world.isIdle) {
      await world.move({ turn: 0, what: "go" });
      await world.move({ turn: 0, what: "wake" });
    }
  };
  await drain();
  world.redis.now += LEASE;
  const before = world.answers.length;
  void world.send("a");
  await settled();
  await drain();

  return world.answers.length > before
    ? world.answers.at(-1)
    : world.failures.at(-1);
}

function check({ answers, applied, isTruthful }: World): void {
  assert.ok(isTruthful, "a stored change was told to fail");
  assert.ok(applied.length <= 1, `applied ${applied.length} times`);
  for (const answer of answers) {
    assert.deepEqual(answer, answers[0], "two clients were told differently");
  }
  if (answers.length > 0) {
    const isStored = "payload" in (answers[0] as object);
    assert.equal(applied.length, isStored ? 1 : 0, "a wrong answer");
  }
}

const clients = fc.array(fc.constantFrom("a", "a", "a", "a", "a", "b"), {
  maxLength: 8,
  minLength: 2,
});

// What has crashed waits for ever, and its timers with it.
beforeEach(() => {
  new FakeKuzzle();
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(globalThis, "setInterval", (renew: () => void) => {
    renewals.push(renew);
    return { unref: () => {} };
  });
});
afterEach(() => {
  mock.restoreAll();
  mock.timers.reset();
});

it("never applies a request twice, nor answers wrongly, whatever crashes, hangs, or is late", async () => {
  const outcomes = new Set<unknown>();

  await fc.assert(
    fc.asyncProperty(
      clients,
      fc.array(moves, { maxLength: 120, minLength: 20 }),
      async (all, played) => {
        const world = new World();
        await play(world, all, played);
        check(world);
        const learnt = await learn(world);
        assert.notEqual(learnt, "request_pending", "nobody is at it");
        check(world);
        outcomes.add(typeof learnt === "object" ? "answered" : learnt);
        world.failures.forEach((failure) => outcomes.add(failure));
      },
    ),
    { numRuns: Number(process.env["REQUEST_KEYS_RUNS"] ?? 1_500) },
  );

  assert.deepEqual(
    [...outcomes].sort(),
    [
      "",
      "answered",
      "refused",
      "request_key_reused",
      "request_keys_unavailable",
      "request_outcome_unknown",
      "request_pending",
    ],
    "not everything was met",
  );
});

it("answers every repeat as the first request, if nothing fails", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constant("a"), { maxLength: 4, minLength: 1 }),
      fc.array(faultless, { maxLength: 80, minLength: 20 }),
      async (all, played) => {
        const world = new World();
        await play(world, all, played);
        const learnt = await learn(world);
        check(world);
        assert.ok(
          learnt === "refused" || typeof learnt === "object",
          String(learnt),
        );
        assert.equal(world.failures.includes("request_outcome_unknown"), false);
      },
    ),
    { numRuns: 300 },
  );
});
