import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { ApiDocumentUpdateResult } from "kuzzle-plugin-document-update";

import {
  type ApiClient,
  type Protocol,
  protocols,
  type Target,
} from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import {
  type ChangeCase,
  content,
  dryRunCases,
  modifyCases,
  optionCases,
  refusedDryRun,
  updateCases,
} from "./changeCases";
import { documentOf, errorOf, stored } from "./setting";

/** The change of the cases that have no other, and what tells of it without being asked. */
const actions = {
  modify: { body: { changes: { n: 2 } }, updatedFields: ["n"] },
  update: { body: { n: 2 }, updatedFields: undefined },
} as const;

/**
 * Tries every argument and every error once by each action, and intercepted. The protocol is another
 * one for the next case, and for the same case of the next way.
 */
export function everyWay(
  direct: () => TestApplication,
  intercepting: () => TestApplication,
): void {
  const cases = [...optionCases, ...dryRunCases];
  every("update", direct, "document-update", [...cases, ...updateCases], 0);
  every("modify", direct, "document-update", [...cases, ...modifyCases], 1);
  const ofNative = [...optionCases, ...updateCases, refusedDryRun];
  every("update", intercepting, "document", ofNative, 2);
}

function every(
  action: keyof typeof actions,
  of: () => TestApplication,
  controller: string,
  cases: readonly ChangeCase[],
  way: number,
): void {
  describe(`every argument of ${controller}:${action}`, () => {
    const clients = new Map<Protocol, ApiClient>();
    let target: Target;
    before(async () => {
      for (const protocol of protocols) {
        clients.set(protocol, await of().connect(protocol));
      }
      // Takes any document: nothing is indexed.
      target = await of().createCollection(`every-${action}`, {
        mappings: { dynamic: "false" },
      });
    });
    after(() => Promise.all([...clients.values()].map((all) => all.close())));

    for (const [n, each] of cases.entries()) {
      const on = each.on ?? protocols;
      const protocol = on[(n + way) % on.length]!;
      it(`${each.name}, over ${protocol}`, async () => {
        const before = { ...content, ...each.beside };
        const document = await stored(of(), target, `case-${n}`, before);

        const answer = await clients.get(protocol)!.send({
          ...document,
          action,
          body: actions[action].body,
          controller,
          ...each.request,
        });

        const found = await documentOf(of(), document);
        const after = { ...before, ...each.stored };
        assert.deepEqual(found, {
          content: JSON.parse(JSON.stringify(after)) as unknown,
          version: each.stored ? 2 : 1,
        });
        assert.equal(errorOf(answer), each.error ?? null);
        if (each.error !== undefined) {
          return;
        }
        const { _updatedFields, _version } = answer.body[
          "result"
        ] as ApiDocumentUpdateResult;
        assert.equal(_version, found.version);
        assert.deepEqual(
          _updatedFields && [..._updatedFields].sort(),
          each.updatedFields ?? actions[action].updatedFields,
        );
      });
    }
  });
}
