import assert from "node:assert/strict";
import { afterEach, beforeEach, it, mock } from "node:test";

import { BatchQueue } from "../../../lib/storage/BatchQueue";
import { sendUpdates, type StorageRequest } from "../../../lib/storage/bulk";
import { aStorageRequest, PausedClient } from "../../support/aStorageRequest";
import { Outcomes, settled } from "../../support/aWrite";
import { FakeKuzzle } from "../../support/fakeKuzzle";

function aQueue(onBatch: (size: number) => void = () => {}) {
  const storage = new PausedClient();
  const queue = new BatchQueue<StorageRequest>((batch) => {
    onBatch(batch.length);
    return sendUpdates(batch);
  });
  const outcomes = new Outcomes();
  const add = async (...ids: string[]) => {
    for (const id of ids) {
      outcomes.follow(queue.add(aStorageRequest(storage.client, "7", id)));
    }
    await settled();
  };

  return { add, outcomes, queue, storage };
}

/** A queue whose updates of "a" and "b" are sent again, each alone: storage has refused their batch. */
async function aRefusedBatch() {
  const made = aQueue();
  const { add, storage } = made;
  const refusal = Object.assign(new Error("too large"), { statusCode: 413 });
  await add("first");
  await add("a", "b");
  await storage.departed[0]?.answer();
  await storage.departed[0]?.fail(refusal);

  return made;
}

beforeEach(() => {
  new FakeKuzzle();
});
afterEach(() => mock.timers.reset());

it("sends a lone update at once, by itself", async () => {
  const { add, outcomes, queue, storage } = aQueue();
  assert.ok(queue.isIdle);

  await add("a");

  assert.deepEqual(storage.ids, ["a"]);
  assert.equal(storage.departed[0]?.isBulk, false);
  assert.ok(!queue.isIdle);
  await storage.answerAll();
  assert.deepEqual(outcomes.all, [{ body: { _id: "a" } }]);
  assert.ok(queue.isIdle);
});

it("sends those that come meanwhile together, in their order, when the request is back", async () => {
  const { add, outcomes, storage } = aQueue();

  await add("a");
  await add("c");
  await add("b");
  await add("d");
  assert.deepEqual(storage.ids, ["a"]);

  await storage.departed[0]?.answer();
  assert.deepEqual(storage.ids, ["c,b,d"]);
  await storage.answerAll();
  assert.deepEqual(
    outcomes.all,
    ["a", "c", "b", "d"].map((_id) => ({
      body: { _id },
    })),
  );
});

it("sends all updates of a document that wait, in one request", async () => {
  const { add, storage } = aQueue();

  await add("a");
  await add("a", "b", "a");
  await storage.departed[0]?.answer();

  assert.deepEqual(storage.ids, ["a,b,a"]);
  await storage.answerAll();
});

it("has updates of other documents wait for a request no longer than 100 ms", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { add, queue, storage } = aQueue();

  await add("a");
  await add("a", "b");
  mock.timers.tick(99);
  assert.deepEqual(storage.ids, ["a"]);

  mock.timers.tick(1);
  await settled();
  assert.deepEqual(storage.ids, ["a", "b"]);

  // The document that hangs is waited for, however long it takes.
  mock.timers.tick(10_000);
  await add("a");
  assert.deepEqual(storage.ids, ["a", "b"]);
  await storage.departed[0]?.answer();
  await storage.departed[0]?.answer();
  assert.deepEqual(storage.ids, ["a,a"]);
  await storage.answerAll();
  assert.ok(queue.isIdle);
});

it("sends updates at once that come after the others stopped waiting for a hanging request", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { add, storage } = aQueue();

  await add("a");
  mock.timers.tick(100);
  await add("b");
  assert.deepEqual(storage.ids, ["a", "b"]);

  // They wait for one another again.
  await add("c");
  assert.deepEqual(storage.ids, ["a", "b"]);
  await storage.departed[1]?.answer();
  assert.deepEqual(storage.ids, ["a", "c"]);
  await storage.answerAll();
});

it("does not send updates that wait for another request when a hanging one ends", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { add, storage } = aQueue();

  await add("a");
  mock.timers.tick(100);
  await add("b");
  await add("c");
  await storage.departed[0]?.answer();
  assert.deepEqual(storage.ids, ["b"]);
  await storage.departed[0]?.answer();
  assert.deepEqual(storage.ids, ["c"]);
  await storage.answerAll();
});

it("answers each update that is sent again as soon as it is stored", async () => {
  const { outcomes, queue, storage } = await aRefusedBatch();
  assert.deepEqual(storage.ids, ["a", "b"]);
  await storage.departed[1]?.answer();

  assert.deepEqual(outcomes.all.slice(1), ["pending", { body: { _id: "b" } }]);
  assert.ok(!queue.isIdle);
  await storage.answerAll();
  assert.ok(queue.isIdle);
});

it("has only updates of the same document wait for one that is sent again", async () => {
  const { add, outcomes, queue, storage } = await aRefusedBatch();
  await add("a", "c");
  assert.deepEqual(storage.ids, ["a", "b", "c"]);

  // Its end frees its document, and sends nothing that waits for another request.
  await storage.departed[1]?.answer();
  await add("b");
  assert.deepEqual(storage.ids, ["a", "c"]);
  await storage.departed[1]?.answer();
  assert.deepEqual(storage.ids, ["a", "b"]);
  await storage.departed[1]?.answer();

  // It hangs, and nothing else does.
  assert.deepEqual(outcomes.ids.slice(1), [
    "pending",
    ...[{ body: { _id: "b" } }, "pending"],
    ...["c", "b"].map((_id) => ({ body: { _id } })),
  ]);
  await storage.departed[0]?.answer();
  assert.deepEqual(storage.ids, ["a"]);
  await storage.answerAll();
  assert.ok(queue.isIdle);
});

it("rejects the updates of a batch if its own code throws, and frees the queue", async () => {
  const defect = new Error("a defect");
  let throws = true;
  const { add, outcomes, queue, storage } = aQueue(() => {
    if (throws) {
      throw defect;
    }
  });

  await add("a", "b");
  assert.deepEqual(outcomes.all, [defect, defect]);
  assert.ok(queue.isIdle);

  throws = false;
  await add("a");
  await storage.answerAll();
  assert.deepEqual(outcomes.all[2], { body: { _id: "a" } });
});

it("batches conditional and plain updates separately, and keeps the order within a document", async () => {
  const sent: string[] = [];
  const queue = new BatchQueue<Kinded>(async (batch) => {
    sent.push(batch.map(({ lines }) => lines).join(" "));
    await settled();
    return { bytes: 0, outcomes: batch.map(() => ({ answer: {} })) };
  });
  const add = (lines: string) =>
    queue.add({ id: lines[0]!, isConditional: lines.endsWith("?"), lines });

  await Promise.all(
    ["a?", "b", "c?", "c", "c?", "b?", "d", "e?"].map((lines) => add(lines)),
  );

  assert.deepEqual(sent, ["a? c? e?", "b c d", "c? b?"]);
  assert.ok(queue.isIdle);
});

interface Kinded {
  readonly id: string;
  readonly isConditional: boolean;
  readonly lines: string;
}
