import assert from "node:assert/strict";
import { before, it } from "node:test";

import fc from "fast-check";

import {
  type ApiClient,
  type ApiRequest,
  type Protocol,
  protocols,
  type Target,
} from "../support/request";
import type { TestApplication } from "../support/TestApplication";

/** What the tests send requests to, and by whom: the same client sends the same ones of a seed. */
export interface Site {
  readonly application: TestApplication;
  readonly clients: readonly ApiClient[];
}

/** The first ones fill what Kuzzle and the engine keep for good. */
const WARM_UP = 1_500;
const REQUESTS = 4_500;
const DOCUMENTS = 50;
/** Bytes that the heap may differ by after a full collection: caches of Kuzzle and of the engine. */
const HEAP_NOISE = 16 * 2 ** 20;

const anything = fc.anything({
  maxDepth: 3,
  maxKeys: 5,
  withNullPrototype: false,
  withUnicodeString: true,
});
/** Mostly valid, sometimes left out, sometimes arbitrary. */
const mostly = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { arbitrary: right, weight: 12 },
    { arbitrary: fc.constant(undefined), weight: 1 },
    { arbitrary: anything, weight: 1 },
  );

const names = fc.oneof(
  // Not among them: `targets` that is no list. Kuzzle answers it to nobody, whatever the action, and
  // in development ends: `Funnel.execute` throws outside of its error handling (2.56.0).
  fc.constantFrom(
    "silent",
    "source",
    "refresh",
    "retryOnConflict",
    "__kuid__",
    "triggerEvents",
    "timestamp",
    "ifVersion",
    "skipUnchanged",
    "dryRun",
    "requestKey",
  ),
  fc.string({ maxLength: 5 }),
);

const options = fc.oneof(
  {
    arbitrary: fc.record(
      {
        refresh: fc.constant("false"),
        retryOnConflict: fc.nat(3),
        silent: fc.constant(true),
        source: fc.constant(true),
      },
      { requiredKeys: [] },
    ),
    weight: 4,
  },
  {
    arbitrary: fc.dictionary(names, anything, {
      maxKeys: 3,
      noNullPrototype: true,
    }),
    weight: 1,
  },
);

/** Requests, most of them almost valid, some arbitrary. */
const request = (target: Target): fc.Arbitrary<ApiRequest> =>
  fc.record({
    _id: mostly(fc.nat(DOCUMENTS).map((n) => `document-${n}`)),
    action: fc.constantFrom("update", "update", "modify"),
    args: options,
    body: mostly(
      fc.dictionary(fc.string(), anything, {
        maxKeys: 5,
        noNullPrototype: true,
      }),
    ),
    collection: mostly(fc.constant(target.collection)),
    controller: fc.constantFrom("document", "document-update"),
    http: fc.oneof(
      {
        arbitrary: fc.record({ method: fc.constantFrom("PUT", "PATCH") }),
        weight: 6,
      },
      {
        arbitrary: fc.record({
          headers: fc.constantFrom(
            { "content-type": "text/plain" },
            { "content-type": "application/json; charset=utf-16" },
          ),
        }),
        weight: 1,
      },
      {
        arbitrary: fc.record({ rawBody: fc.string({ unit: "binary" }) }),
        weight: 1,
      },
    ),
    index: mostly(fc.constant(target.index)),
    jwt: mostly(fc.constant(null)),
    volatile: mostly(
      fc.dictionary(fc.string(), anything, {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    ),
  });

export function requests(of: () => Site, seed: number): void {
  let target: Target;

  before(async () => {
    const { application } = of();
    // Takes any document: nothing is indexed, so no field is refused for its type.
    target = await application.createCollection("fuzz", {
      mappings: { dynamic: "false" },
    });
    await application.stage.call({
      ...target,
      action: "mCreate",
      body: {
        documents: Array.from({ length: DOCUMENTS + 1 }, (_, n) => ({
          _id: `document-${n}`,
          body: {},
        })),
      },
      controller: "document",
    });
  });

  const heapUsed = async (): Promise<number> => {
    const { heapUsed: bytes } = await of().application.stage.call({
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
    const { clients } = of();
    await Promise.all(
      clients.map(async (client, place) => {
        // Each client has its own, so that a seed sends the same over the same protocol again.
        for (let next = place; next < count; next += clients.length) {
          const status = await statusOf(client, requests[next]!);
          const key = `${client.protocol} ${status}`;
          answers.set(key, (answers.get(key) ?? 0) + 1);
        }
      }),
    );

    return answers;
  }

  it(`answers each of ${REQUESTS} requests, goes on answering, and keeps nothing of them`, async () => {
    const { application, clients } = of();
    await send(WARM_UP, seed + 1);
    const heapBefore = await heapUsed();

    const answers = await send(REQUESTS, seed);

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
      [...answers.keys()].filter((key) => key.includes("none")),
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
}

/** The status of the answer, or why there was none. */
async function statusOf(client: ApiClient, each: ApiRequest): Promise<string> {
  try {
    const { body, status } = await client.send(each);
    return String(body["status"] ?? status);
  } catch (error) {
    return `none: ${String(error)} ${String((error as Error).cause)}`;
  }
}
