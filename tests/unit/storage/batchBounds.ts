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

it("sends sixteen at most while the size of the documents is unknown", async () => {
  const storage = await waiting(40);

  await storage.departed[0]?.answer();
  assert.equal(sizeOf(storage), 16);
  assert.equal(storage.departed[0]?.ids[15], "15");
  await storage.answerAll();
});

it("sends two hundred at most afterwards", async () => {
  const storage = await waiting(300);
  await storage.departed[0]?.answer();
  await storage.departed[0]?.answer(1_600);

  assert.equal(sizeOf(storage), 200);
  assert.equal(storage.departed[0]?.ids[0], "16");
  await storage.answerAll();
});

it("sends as many as an answer of eight megabytes has room for", async () => {
  const storage = await waiting(300);
  await storage.departed[0]?.answer();
  await storage.departed[0]?.answer(16_000_000);
  assert.equal(sizeOf(storage), 8);

  // At least two, whatever their size.
  await storage.departed[0]?.answer(1e12);
  assert.equal(sizeOf(storage), 2);
  await storage.answerAll();
});

it("sends large batches again once the answers are small", async () => {
  const storage = await waiting(300);
  await storage.departed[0]?.answer();
  await storage.departed[0]?.answer(1e12);
  assert.equal(sizeOf(storage), 2);

  await storage.departed[0]?.answer(200);
  assert.equal(sizeOf(storage), 200);
  await storage.answerAll();
});

it("keeps to what it knows when there is no answer", async () => {
  const storage = await waiting(40);
  await storage.departed[0]?.answer();
  await storage.departed[0]?.fail(new Error("lost"));

  assert.equal(sizeOf(storage), 16);
  await storage.answerAll();
});

it("sends a megabyte at most, in the order of the updates", async () => {
  const storage = await waiting(5, HALF_A_MEGABYTE);
  await storage.departed[0]?.answer();

  assert.deepEqual(storage.ids, ["0,1"]);
  await storage.departed[0]?.answer();
  assert.deepEqual(storage.ids, ["2,3"]);
  await storage.departed[0]?.answer();
  assert.deepEqual(storage.ids, ["4"]);
  await storage.answerAll();
});

it("sends one that is larger by itself", async () => {
  const storage = await waiting(2, 3 * HALF_A_MEGABYTE);
  await storage.departed[0]?.answer();

  assert.deepEqual(storage.ids, ["0"]);
  await storage.answerAll();
});
