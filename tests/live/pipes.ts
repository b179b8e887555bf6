import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import type { Reactions, SeenEvent } from "../application/probe";
import { documentOf, stored } from "../change/setting";
import type { Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";

/** What pipes of an update do, and what becomes of it: n of the document, and its version. */
const cases: readonly {
  readonly name: string;
  readonly reactions: Reactions;
  readonly expected: { readonly n: number; readonly version: number };
  readonly error?: string;
}[] = [
  { expected: { n: 2, version: 2 }, name: "that only look", reactions: {} },
  {
    error: "app.probe.veto",
    expected: { n: 1, version: 1 },
    name: "that refuse it at generic:document:beforeUpdate",
    reactions: { "generic:document:beforeUpdate": { throws: "KuzzleError" } },
  },
  {
    error: "app.probe.veto",
    expected: { n: 1, version: 1 },
    name: "that refuse it at document:beforeUpdate",
    reactions: { "document:beforeUpdate": { throws: "KuzzleError" } },
  },
  {
    expected: { n: 7, version: 2 },
    name: "that change what it writes",
    reactions: { "document:beforeUpdate": { set: { "input.body.n": 7 } } },
  },
  {
    expected: { n: 2, version: 2 },
    name: "that change what it answers",
    reactions: { "document:afterUpdate": { set: { "result.told": true } } },
  },
  {
    error: "app.probe.veto",
    expected: { n: 2, version: 2 },
    name: "that fail after the write",
    reactions: { "document:afterUpdate": { throws: "KuzzleError" } },
  },
];

/** @param of an application where pipes listen to every event, and native updates are native */
export function pipes(of: () => TestApplication): void {
  describe("pipes of an update", () => {
    let target: Target;
    before(async () => {
      target = await of().createCollection("pipes");
    });

    for (const { error, expected, name, reactions } of cases) {
      it(`${name}: as natively, each event once`, async () => {
        const by = async (controller: string) => {
          const requestId = `${controller}: ${name}`;
          const document = await stored(of(), target, requestId, { n: 1 });
          const probe = (action: string, body: object) =>
            of().stage.call({
              action,
              args: { target: requestId },
              body,
              controller: "probe",
            });
          await probe("arm", reactions);
          const { body } = await of().stage.send({
            ...document,
            action: "update",
            body: { n: 2 },
            controller,
            requestId,
          });
          const seen = (await probe("collect", {})) as unknown as SeenEvent[];

          return {
            answer: answerOf(body),
            document: await documentOf(of(), document),
            events: seen
              .filter(({ event }) => /^(generic:)?document:/.test(event))
              .map(({ event, kind }) => `${kind} ${event}`),
          };
        };

        const native = await by("document");
        const ours = await by("document-update");

        assert.deepEqual(ours, native);
        const { answer, document } = ours;
        assert.deepEqual(document, {
          content: { n: expected.n },
          version: expected.version,
        });
        assert.equal(answer.error?.["id"], error);
        // What is stored is answered, also beside an error.
        assert.equal(
          answer.result?.["_version"],
          expected.version > 1 ? expected.version : undefined,
        );
      });
    }
  });
}

/** What is not another one for each request. */
function answerOf({ error, result, status }: JSONObject) {
  const rest: JSONObject = { ...(result as object | null), _id: undefined };
  const { _kuzzle_info, ...source } = (rest["_source"] ?? {}) as JSONObject;

  return {
    error: error && { ...pick(error as JSONObject) },
    result: result && {
      ...rest,
      _source: source,
      metadata: Object.keys(Object(_kuzzle_info) as object).sort(),
    },
    status: Number(status),
  };
}

function pick({ code, id, message, status }: JSONObject): JSONObject {
  return { code, id, message, status };
}
