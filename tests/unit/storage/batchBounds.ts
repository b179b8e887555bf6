import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";

import { BatchQueue } from "../../../lib/storage/BatchQueue";
import { sendUpdates } from "../../../lib/storage/bulk";
import { aStorageRequest, PausedClient } from "../../support/aStorageRequest";
import { settled } from "../../support/aWrite";
import { FakeKuzzle } from "../../support/fakeKuzzle";

const HALF_A_MEGABYTE = 400_000;

/** A queue where updates wait for a first request. */
async function waiting(count: number, bytes = 0) {
  const storage = new PausedClient();
  const queue = new BatchQueue(sendUpdates);
  const add = (id: string, text: string) =>
    queue.add(aStorageRequest(storage.client, "7", id, { text }));

  void add("first", "");
  await settled();
  for (let number = 0; number < count; number++) {
    add(String(number), "x".repeat(bytes)).catch(() => {});
  }

  return storage;
}

const sizeOf = ({ departed }: PausedClient) => departed[0]?.ids.length;

beforeEach(() => {
  new FakeKuzzle();
});

it("sends sixteen at most while the size of the documents is unknown, then two hundred", async () => {
  const storage = await waiting(300);

  await storage.departed[0]?.answer();
  assert.equal(storage.departed[0]?.ids.join(), [...Array(16).keys()].join());
  await storage.departed[0].answer(1_600);
  assert.equal(sizeOf(storage), 200);
  assert.equal(storage.departed[0]?.ids[0], "16");
  await storage.answerAll();
});

it("sends as many as an answer of eight megabytes has room for, but at least two", async () => {
  const storage = await waiting(600);
  await storage.departed[0]?.answer();

  for (const [bytes, size] of [
    [16_000_000, 8],
    [1e12, 2],
    // Again once the answers are small.
    [200, 200],
  ] as const) {
    await storage.departed[0]?.answer(bytes);
    assert.equal(sizeOf(storage), size);
  }
  await storage.answerAll();
});

it("keeps to what it knows when there is no answer", async () => {
  const storage = await waiting(40);
  await storage.departed[0]?.answer();
  await storage.departed[0]?.fail(new Error("lost"));

  assert.equal(sizeOf(storage), 16);
  await storage.answerAll();
});

it("sends a megabyte at most, in the order of the updates, and a larger one by itself", async () => {
  for (const [count, bytes, batches] of [
    [5, HALF_A_MEGABYTE, ["0,1", "2,3", "4"]],
    [2, 3 * HALF_A_MEGABYTE, ["0", "1"]],
  ] as const) {
    const storage = await waiting(count, bytes);
    for (const batch of batches) {
      await storage.departed[0]?.answer();
      assert.deepEqual(storage.ids, [batch]);
    }
    await storage.answerAll();
  }
});
