import assert from "node:assert/strict";
import { it } from "node:test";

import { type StorageProxy, updatedIn } from "../support/StorageProxy";
import type { TestApplication } from "../support/TestApplication";
import { Flock, versionOrError } from "./Flock";
import { kept } from "./setting";

const DOCUMENTS = 48;

/** What a test has at hand to make storage slow. */
export interface Site {
  readonly application: TestApplication;
  readonly proxy: StorageProxy;
}

export function slowBatch(of: () => Site): void {
  it("a batch whose answer is lost is sent again by the client, and acknowledged once", async () => {
    const { application, proxy } = of();
    const flock = await Flock.of(application, "lost", DOCUMENTS);
    let isLost = false;
    proxy.meddle = async (call, forward) => {
      const answer = await forward();
      if (!isLost && isBatchOf(flock, updatedIn(call))) {
        isLost = true;
        return undefined;
      }
      return answer;
    };

    const answers = await Promise.all(
      flock.ids.map((_id, n) => flock.update(_id, { n })),
    );
    proxy.meddle = (_, forward) => forward();

    assert.ok(isLost, "there was no batch");
    // What is stored already is not stored again.
    assert.deepEqual(
      answers.map(versionOrError),
      answers.map(() => 2),
    );
    assert.deepEqual(
      await flock.contents(),
      flock.ids.map((_, n) => ({ ...kept, n })),
    );
    await flock.close();
  });

  it("settings of a collection that are not answered hold up none of its updates", async () => {
    const { application, proxy } = of();
    const flock = await Flock.of(application, "unsettled", DOCUMENTS);
    let isAsked = false;
    proxy.meddle = (call, forward) => {
      if (call.method === "GET" && call.path.includes("/_settings")) {
        isAsked = true;
        return new Promise(() => {});
      }
      return forward();
    };

    const answers = await Promise.all(
      flock.ids.map((_id, n) => flock.update(_id, { n })),
    );
    proxy.meddle = (_, forward) => forward();

    assert.ok(isAsked, "the settings were not asked for");
    assert.deepEqual(
      answers.map(versionOrError),
      answers.map(() => 2),
    );
    await flock.close();
  });
}

/** Tells whether a request updates several documents of a flock, but not all. */
export function isBatchOf({ ids }: Flock, updated: readonly string[]): boolean {
  return (
    updated.length > 1 &&
    updated.length < ids.length &&
    updated.every((_id) => ids.includes(_id))
  );
}
