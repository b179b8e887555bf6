import assert from "node:assert/strict";
import { it } from "node:test";

import type { Target } from "../support/request";
import { errorsOf, lastValues, type SentUpdate, versionsOf } from "./Crowd";
import { contentOf, kept, type Staged } from "./setting";

/** A document that a crowd has updated. */
export interface Updated {
  readonly staged: Staged;
  readonly target: Target;
  readonly _id: string;
  readonly sent: readonly SentUpdate[];
}

/** Tests that each update of a document was stored, by itself, whoever sent it. */
export function storedOneByOne(
  of: () => Updated,
  updates: number,
  clients: number,
): void {
  it("are all acknowledged", () => {
    assert.equal(of().sent.length, updates);
    assert.deepEqual(errorsOf(of().sent), []);
  });

  it("are each a version", () => {
    const versions = versionsOf(of().sent);
    assert.equal(versions.size, updates);
    assert.equal(Math.max(...versions), updates + 1);
  });

  it("are stored, those of a client in their order", async () => {
    const { _id, sent, staged, target } = of();
    const last = lastValues(sent)[_id]!;
    assert.deepEqual(await contentOf(staged, target, _id), {
      ...kept,
      ...last,
    });
    assert.equal(Object.keys(last).length, clients);
  });
}
