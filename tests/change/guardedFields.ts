import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle-sdk";

import type { SentRequest } from "../application/StorageProbe";
import { beneath, documents } from "../support/guardedFields";
import type { ApiRequest, Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { errorOf, sendAll, stored } from "./setting";

const DOCUMENTS = 300;
const AT_ONCE = 32;

const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);

/** By the name of a collection of these tests, the path that is read-only in it. */
const PATHS = { nested: "a.b", starred: "*.b", whole: "a.*" };

const ACTIONS = [
  ...["document-update:update", "document-update:modify", "document:update"],
  ...["document:mUpdate", "document:upsert", "document:mUpsert"],
  ...["document:replace", "document:mReplace", "document:createOrReplace"],
  ...["document:mCreateOrReplace", "document:deleteFields"],
] as const;

/** Fields as `deleteFields` takes them, and by their first two names what `modify` unsets. */
const field = fc.oneof(
  fc.constantFrom("a", "b", "c", "a.b", "b.b", "a.b.c", "a[0].b", "['a'].b"),
  fc.constantFrom(["a", "b"], ["a.b"], "[b][0]", "c[0]['b']", "a[0]", "a.c.b"),
);

const write = fc.record({
  action: fc.constantFrom(...ACTIONS),
  changes: fc.oneof(
    documents,
    fc.constantFrom<JSONObject[]>(
      ...["__proto__", "constructor", "prototype", "toString"].map(
        (name) =>
          JSON.parse(
            `{"${name}":{"b":2},"a":{"${name}":{"b":2}}}`,
          ) as JSONObject,
      ),
    ),
  ),
  content: documents.filter(
    (content) => !JSON.stringify(content).includes("__proto__"),
  ),
  field,
  isMerged: fc.boolean(),
});

type Write = typeof write extends fc.Arbitrary<infer TWrite> ? TWrite : never;

/** The request that writes a document. */
function requestOf(
  { action, changes, content, field, isMerged }: Write,
  _id: string,
): ApiRequest {
  const [controller = "", name = ""] = action.split(":");
  const whole = isMerged ? { ...content, ...changes } : changes;
  const line = /replace/i.test(name) ? whole : changes;
  const bodies: Readonly<Record<string, JSONObject>> = {
    deleteFields: { fields: [field] },
    mUpsert: { documents: [{ _id, changes }] },
    modify: isMerged
      ? { changes }
      : { operators: { unset: [String(field).replaceAll(",", ".")] } },
    upsert: { changes, default: changes },
  };
  const body =
    bodies[name] ??
    (/^m[A-Z]/.test(name) ? { documents: [{ _id, body: line }] } : line);

  return { _id, action: name, body, controller };
}

/** Documents as storage has them, by `_id`, past Kuzzle and its client. */
async function storedIn(
  { elasticsearchUrl }: TestApplication,
  { collection, index }: Target,
): Promise<ReadonlyMap<string, JSONObject>> {
  const alias = encodeURIComponent(`@&${String(index)}.${String(collection)}`);
  const ids = Array.from({ length: DOCUMENTS }, (_, n) => `d${n}`);
  const response = await fetch(`${elasticsearchUrl}/${alias}/_mget`, {
    body: JSON.stringify({ ids }),
    headers: { "content-type": "application/json" },
    method: "POST",
  });
  const { docs } = (await response.json()) as { docs: JSONObject[] };

  return new Map(
    docs
      .filter(({ found }) => found)
      .map(({ _id, _source }): [string, JSONObject] => {
        delete _source._kuzzle_info;
        return [_id, _source];
      }),
  );
}

export function guardedFields(way: string, of: () => TestApplication): void {
  describe(`guarded fields, ${way} (seed ${seed})`, () => {
    for (const [name, path] of Object.entries(PATHS)) {
      it(`${path} stays as it is, whatever ${DOCUMENTS} writes name`, async () => {
        // Nothing is indexed: any document is taken.
        const target = await of().createCollection(`guarded-${name}`, {
          mappings: { dynamic: "false" },
        });
        const writes = fc.sample(write, { numRuns: DOCUMENTS, seed });
        for (let first = 0; first < DOCUMENTS; first += 200) {
          await of().stage.call({
            ...target,
            action: "mCreate",
            body: {
              documents: writes
                .slice(first, first + 200)
                .map(({ content }, n) => ({
                  _id: `d${first + n}`,
                  body: content,
                })),
            },
            controller: "document",
          });
        }
        const before = await storedIn(of(), target);
        const answers = await sendAll(
          of(),
          AT_ONCE,
          writes.map((each, n) => ({ ...target, ...requestOf(each, `d${n}`) })),
        );
        const after = await storedIn(of(), target);

        const changed = new Set<string>();
        for (const [_id, source] of before) {
          const { action, ...rest } = writes[Number(_id.slice(1))]!;
          const now = after.get(_id) ?? {};
          if (JSON.stringify(source) !== JSON.stringify(now)) {
            changed.add(action);
          }
          assert.deepEqual(
            beneath(now, path),
            beneath(source, path),
            JSON.stringify({ _id, action, now, ...rest }),
          );
        }
        // `*.b` lets few of them through.
        assert.ok(changed.size > 1, [...changed].join());
        const refused = answers.filter((body) =>
          errorOf({ body })?.endsWith("field_read_only"),
        );
        assert.ok(refused.length > DOCUMENTS / 10, `${refused.length} refused`);
      });
    }
  });

  describe(`a guard, ${way}`, () => {
    it("adds no request to storage where it needs no read, and one where it does", async () => {
      const plain = await of().createCollection("plain");
      const guarded = await of().createCollection("guarded-readonly-few");
      const nested = await of().createCollection("guarded-nested-few");
      for (const target of [plain, guarded, nested]) {
        await stored(of(), target, "few", { a: { b: 1 }, secret: 1 });
      }
      const sent = async (target: Target): Promise<string[]> => {
        const all = (await of().stage.call({
          action: "sent",
          args: { text: target.collection },
          controller: "storage-probe",
        })) as unknown as readonly SentRequest[];
        return all.map(({ path }) => path.split("/").at(-1)!);
      };
      const requests = async (target: Target, request: ApiRequest) => {
        await sent(target);
        const answer = await of().stage.send({ ...request, ...target });
        assert.equal(errorOf(answer), null);
        return (await sent(target)).length;
      };
      const of2 = (action: string, body: JSONObject, controller = "document") =>
        ({ _id: "few", action, body, controller }) as const;
      const line = { _id: "few", body: { open: 1 }, changes: { open: 1 } };

      for (const request of [
        of2("update", { open: 1 }, "document-update"),
        of2("update", { open: 1 }),
        of2("mUpdate", { documents: [line] }),
        of2("upsert", { changes: { open: 1 } }),
        of2("mUpsert", { documents: [line] }),
        of2("deleteFields", { fields: ["open"] }),
      ]) {
        const usual = await requests(plain, request);
        const told = `${request.controller}:${request.action}`;
        assert.equal(await requests(guarded, request), usual, told);
        assert.equal(await requests(nested, request), usual, told);
      }

      for (const request of [
        of2("update", { a: { x: 1 } }, "document-update"),
        of2("update", { a: { x: 1 } }),
        of2("mUpdate", { documents: [{ _id: "few", body: { a: { x: 1 } } }] }),
        of2("upsert", { changes: { a: { x: 1 } } }),
        of2("replace", { a: { b: 1 } }),
        of2("mCreateOrReplace", {
          documents: [{ _id: "few", body: { a: { b: 1 } } }],
        }),
      ]) {
        const told = `${request.controller}:${request.action}`;
        const usual = await requests(plain, request);
        const guardedNow = await requests(nested, request);
        assert.equal(guardedNow, usual + 1, told);
      }
    });

    it("leaves native errors as they are", async () => {
      const plain = await of().createCollection("plain-errors");
      const guarded = await of().createCollection("guarded-readonly-errors");
      const nowhere = ["plain-nowhere", "guarded-readonly-nowhere"].map(
        (collection) => ({ ...plain, collection }),
      );
      const ids = { _id: "none" };
      const many = Array.from({ length: 201 }, (_, n) => ({
        _id: `d${n}`,
        body: { secret: n },
        changes: { secret: n },
      }));
      const large = { text: "x".repeat(2 ** 19) };
      const single = ["createOrReplace", "deleteFields", "replace", "upsert"];
      const several = ["mCreateOrReplace", "mReplace", "mUpdate", "mUpsert"];
      const requests: readonly ApiRequest[] = [
        ...[...single, ...several, "update"].flatMap((action) => [
          ...[null, {}, 5, "text"].map((body) => ({
            ...ids,
            action,
            body,
          })),
          { action, body: { fields: ["open"], open: 1 } },
          { ...ids, action, body: large },
        ]),
        ...[...single, ...several].map((action) => ({
          ...ids,
          action,
          body: [],
        })),
        ...single.flatMap((action) => [
          { _id: 5, action, body: { changes: { open: 1 }, fields: ["a"] } },
          { ...ids, action, body: { changes: 1, fields: "a" } },
        ]),
        ...several.flatMap((action) => [
          ...[{}, "text", [null], ["text"], many, []].map((documents) => ({
            action,
            body: { documents },
          })),
          ...[{}, { _id: "x" }, { _id: 5, body: {}, changes: {} }].map(
            (document) => ({ action, body: { documents: [document] } }),
          ),
          { action, body: { documents: [{ body: { a: 1 } }] } },
          { action, body: { documents: [{ _id: "x", _source: { a: 1 } }] } },
        ]),
        { _id: "missing", action: "replace", body: { secret: 1 } },
        { _id: "missing", action: "update", body: { open: 1 } },
      ];

      for (const [targets, all] of [
        [[plain, guarded], requests],
        [nowhere, requests.filter(({ _id }) => _id !== undefined)],
      ] as const) {
        for (const request of all) {
          const [expected, actual] = await Promise.all(
            targets.map(async (target) => {
              const client = await of().connect("websocket");
              const { body } = await client.send({
                ...request,
                ...target,
                controller: "document",
              });
              await client.close();
              const { errors = [] } = Object(body["result"]) as {
                readonly errors?: readonly JSONObject[];
              };
              const reasons = errors.map(({ reason, status }) => [
                ...[reason, status],
              ]);
              return [body["status"], body["error"]?.id, reasons];
            }),
          );
          assert.deepEqual(
            actual,
            expected,
            JSON.stringify(request).slice(0, 200),
          );
        }
      }
    });
  });
}
