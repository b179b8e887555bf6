import assert from "node:assert/strict";
import { it } from "node:test";

import {
  type StorageAnswer,
  type StorageProxy,
  updatedIn,
} from "../support/StorageProxy";
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
  it("a batch whose answer takes long holds up its own documents alone", async () => {
    const { application, proxy } = of();
    const flock = await Flock.of(application, "slow", DOCUMENTS);
    const other = await Flock.of(application, "slow-other", DOCUMENTS);
    const held = holdBatch(proxy, flock);

    const first = flock.ids.map((_id) => flock.follow(_id, { first: true }));
    const members = await held.members;
    const isMember = ({ _id }: { _id: string }) => members.includes(_id);
    assert.ok(members.length > 1 && members.length < DOCUMENTS);
    const second = members.map((_id) => flock.follow(_id, { second: true }));

    // Only the members of the batch wait for it.
    const others = first.filter((each) => !isMember(each));
    for (const { answer } of others) {
      assert.equal(versionOrError(await answer), 2);
    }
    for (const { _id } of others) {
      assert.equal(versionOrError(await flock.update(_id, { again: true })), 3);
    }
    for (const _id of other.ids) {
      assert.equal(versionOrError(await other.update(_id, { other: true })), 2);
    }
    assert.deepEqual(
      [...first.filter(isMember), ...second].filter(
        ({ isAnswered }) => isAnswered,
      ),
      [],
    );
    assert.deepEqual(
      held.passed().filter((_id) => members.includes(_id)),
      [],
    );

    held.release();
    for (const { answer } of first.filter(isMember)) {
      assert.equal(versionOrError(await answer), 2);
    }
    for (const { answer } of second) {
      assert.equal(versionOrError(await answer), 3);
    }
    await Promise.all([flock.close(), other.close()]);
  });

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

/** Holds the answer to the next batch of a flock, which storage has carried out. */
function holdBatch(proxy: StorageProxy, flock: Flock) {
  let release = () => {};
  const passed: string[] = [];
  const members = new Promise<readonly string[]>((resolve) => {
    let isHeld = false;
    proxy.meddle = async (call, forward): Promise<StorageAnswer> => {
      const ids = updatedIn(call);
      const answer = await forward();
      if (isHeld || !isBatchOf(flock, ids)) {
        passed.push(...(isHeld ? ids : []));
        return answer;
      }
      isHeld = true;
      resolve(ids);
      await new Promise<void>((released) => {
        release = released;
      });
      proxy.meddle = (_, pass) => pass();
      return answer;
    };
  });

  return { members, passed: () => passed, release: () => release() };
}

/** Tells whether a request updates several documents of a flock, but not all. */
export function isBatchOf({ ids }: Flock, updated: readonly string[]): boolean {
  return (
    updated.length > 1 &&
    updated.length < ids.length &&
    updated.every((_id) => ids.includes(_id))
  );
}
