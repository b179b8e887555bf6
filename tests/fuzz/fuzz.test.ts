import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import fc from "fast-check";

import {
  type ApiClient,
  type ApiRequest,
  type Protocol,
  protocols,
} from "../support/request";
import { TestApplication } from "../support/TestApplication";

const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);
const REQUESTS = 12_000;
const CLIENTS_PER_PROTOCOL = 4;
/** Bytes that the heap may differ by after a full collection: caches of Kuzzle and of the engine. */
const HEAP_NOISE = 16 * 2 ** 20;

const anything = fc.anything({
  maxDepth: 3,
  maxKeys: 5,
  withNullPrototype: false,
  withUnicodeString: true,
});
const orElse = <T>(right: T) =>
  fc.oneof(
    { arbitrary: fc.constant(right), weight: 4 },
    { arbitrary: anything, weight: 1 },
  );

/** Requests of which most are almost right, and some are nothing of the kind. */
const request = (target: {
  index: string;
  collection: string;
}): fc.Arbitrary<ApiRequest> =>
  fc.record(
    {
      _id: fc.oneof(
        {
          arbitrary: fc
            .integer({ max: 50, min: 0 })
            .map((n) => `document-${n}`),
          weight: 4,
        },
        { arbitrary: anything, weight: 1 },
      ),
      action: fc.constant("update"),
      args: fc.dictionary(
        fc.oneof(
          fc.constantFrom(
            "silent",
            "source",
            "refresh",
            "retryOnConflict",
            "__kuid__",
            "triggerEvents",
            "targets",
            "timestamp",
          ),
          fc.string(),
        ),
        anything,
        { maxKeys: 3, noNullPrototype: true },
      ),
      body: fc.oneof(
        {
          arbitrary: fc.dictionary(fc.string(), anything, {
            maxKeys: 5,
            noNullPrototype: true,
          }),
          weight: 4,
        },
        { arbitrary: anything, weight: 1 },
      ),
      collection: orElse(target.collection),
      controller: fc.constant("document-update"),
      http: fc.record(
        {
          headers: fc.constantFrom(
            {},
            { "content-type": "text/plain" },
            { "content-type": "application/json; charset=utf-16" },
          ),
          method: fc.constantFrom("PUT", "PATCH"),
          rawBody: fc.string({ unit: "binary" }),
        },
        { requiredKeys: [] },
      ),
      index: orElse(target.index),
      jwt: fc.oneof(
        { arbitrary: fc.constant(null), weight: 9 },
        { arbitrary: anything, weight: 1 },
      ),
      volatile: anything,
    },
    { requiredKeys: ["action", "controller"] },
  );

describe(`${REQUESTS} requests, valid and not, of seed ${seed}`, () => {
  let application: TestApplication;
  let target: { index: string; collection: string };
  const clients: ApiClient[] = [];

  before(async () => {
    // `gc` is exposed to measure what stays on the heap.
    application = await TestApplication.start({ NODE_OPTIONS: "--expose-gc" });
    // Takes any document: nothing is indexed, so no field is refused for its type.
    target = await application.createCollection("fuzz", {
      mappings: { dynamic: "false" },
    });
    for (let n = 0; n <= 50; n++) {
      await application.stage.call({
        ...target,
        _id: `document-${n}`,
        action: "create",
        body: {},
        controller: "document",
      });
    }
    for (const protocol of protocols) {
      for (let n = 0; n < CLIENTS_PER_PROTOCOL; n++) {
        clients.push(await application.connect(protocol));
      }
    }
  });

  after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await application.stop();
  });

  const heapUsed = async (): Promise<number> => {
    const { heapUsed: bytes } = await application.stage.call({
      action: "memory",
      controller: "probe",
    });
    return Number(bytes);
  };

  /** Sends requests over every client at once, and counts the answers by protocol and status. */
  async function send(
    count: number,
    from: number,
  ): Promise<Map<string, number>> {
    const requests = fc.sample(request(target), { numRuns: count, seed: from });
    const answers = new Map<string, number>();
    await Promise.all(
      clients.map(async (client) => {
        for (
          let each = requests.pop();
          each !== undefined;
          each = requests.pop()
        ) {
          const status = await statusOf(client, each);
          const key = `${client.protocol} ${status}`;
          answers.set(key, (answers.get(key) ?? 0) + 1);
        }
      }),
    );

    return answers;
  }

  it("answers each of them, goes on answering, and keeps nothing of them", async () => {
    // The first requests fill what Kuzzle and the engine keep for good.
    await send(2_000, seed + 1);
    const heapBefore = await heapUsed();

    const answers = await send(REQUESTS - 2_000, seed);

    const growth = (await heapUsed()) - heapBefore;
    const counts = (protocol: Protocol, status: number) =>
      answers.get(`${protocol} ${status}`) ?? 0;
    for (const protocol of protocols) {
      assert.ok(
        counts(protocol, 200) > 100,
        `too few accepted over ${protocol}: ${[...answers].join("; ")}`,
      );
      assert.ok(
        counts(protocol, 400) > 100,
        `too few refused over ${protocol}: ${[...answers].join("; ")}`,
      );
    }
    assert.deepEqual(
      [...answers.keys()].filter((key) => key.endsWith("none")),
      [],
    );
    assert.ok(growth < HEAP_NOISE, `the heap grew by ${growth} bytes`);
    assert.equal(application.process.exitCode, null);

    for (const client of clients) {
      const { body } = await client.send({
        ...target,
        _id: "document-1",
        action: "update",
        body: { last: true },
        controller: "document-update",
      });
      assert.equal(body["status"], 200);
    }
  });
});

/** The status of the answer, or "none". */
async function statusOf(client: ApiClient, each: ApiRequest): Promise<string> {
  try {
    const { body, status } = await client.send(each);
    return String(body["status"] ?? status);
  } catch {
    return "none";
  }
}
