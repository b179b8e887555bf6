import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { updatedIn } from "../support/StorageProxy";
import { type Crowd, errorsOf } from "./Crowd";
import { createDocument, crowdOf, lanesEmpty, statsOf } from "./setting";
import type { Site } from "./slowBatch";

const CLIENTS = 64;
const UPDATES = 640;
/** Duration of each write to storage, in ms. */
const SLOW_MS = 60;
const CONFLICT = "409 plugin.document-update.version_conflict";
const BAD = "400 services.storage.unexpected_bad_request";

export function foldInSlowStorage(of: () => Site): void {
  it("an invalid folded update can only delay others, and reveals nothing to them", async () => {
    const { application, proxy } = of();
    const _id = "hot";
    const target = await application.createCollection("fold-slow", {
      mappings: { properties: { n: { type: "integer" } } },
    });
    await createDocument(application, target, _id);
    const crowd: Crowd = await crowdOf(application, CLIENTS);
    const { folds: before } = await statsOf(application);
    proxy.meddle = async (call, forward) => {
      if (updatedIn(call).length > 0) {
        await pause(SLOW_MS);
      }
      return forward();
    };

    const sent = await crowd.send({
      request: (client, value) => ({
        ...target,
        _id,
        ...(isBad(client) && { body: { n: `SECRET-${client}-${value}-` } }),
      }),
      updates: UPDATES,
    });
    proxy.meddle = (_, forward) => forward();
    await crowd.close();

    const good = sent.filter(({ field }) => !isBad(numberOf(field)));
    const bad = sent.filter(({ field }) => isBad(numberOf(field)));
    assert.deepEqual(
      errorsOf(good).filter((error) => error !== CONFLICT),
      [],
    );
    assert.deepEqual(
      [...new Set(errorsOf(bad))].filter((error) => error !== CONFLICT),
      [BAD],
    );
    assert.equal(errorsOf(bad).length, bad.length);
    for (const { answer, request } of sent) {
      const own = (request.body as { n?: string }).n;
      const shown = JSON.stringify(answer).match(/SECRET-\d+-\d+-/g) ?? [];
      assert.deepEqual(
        shown.filter((secret) => secret !== own),
        [],
      );
    }
    const { folds } = await statsOf(application);
    assert.ok(folds.count > before.count, "nothing was folded");
    await lanesEmpty(application);
  });
}

/** A fifth of the clients sends text for an integer. */
function isBad(client: number): boolean {
  return client % 5 === 4;
}

function numberOf(field: string): number {
  return Number(field.split("-")[1]);
}
