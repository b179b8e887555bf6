import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { WriteLedger } from "../../bench/WriteLedger";

/** What Elasticsearch has of document 0. */
const stored = (counters: Record<string, number>, version: number) =>
  new Map([[0, { counters, version }]]);

describe("the benchmark's ledger of writes", () => {
  it("finds what was acknowledged last, or sent after that", () => {
    const ledger = new WriteLedger();
    ledger.note(0, 3, 0, "acknowledged");
    ledger.note(0, 3, 1, "acknowledged");
    ledger.note(0, 3, 2, "500 services.storage.unexpected_error");

    assert.equal(ledger.lost(stored({ w3: 1 }, 3)), 0);
    assert.equal(ledger.lost(stored({ w3: 2 }, 3)), 0);
    assert.equal(ledger.acknowledged, 2);
  });

  it("counts an update as lost where its field has an older number, or none", () => {
    const ledger = new WriteLedger();
    ledger.note(0, 3, 0, "acknowledged");
    ledger.note(0, 3, 1, "acknowledged");
    ledger.note(0, 4, 0, "acknowledged");

    assert.equal(ledger.lost(stored({ w3: 0, w4: 0 }, 3)), 1);
    assert.equal(ledger.lost(stored({}, 3)), 2);
    assert.equal(ledger.lost(new Map()), 2);
  });

  it("counts updates that were written over, by the versions that are missing", () => {
    const ledger = new WriteLedger();
    for (let number = 0; number < 5; number++) {
      ledger.note(0, 3, number, "acknowledged");
    }
    const versionBefore = () => 10;

    assert.equal(ledger.lost(stored({ w3: 4 }, 15), versionBefore), 0);
    assert.equal(ledger.lost(stored({ w3: 4 }, 13), versionBefore), 2);
  });

  it("counts increments that were lost, or counted twice", () => {
    const ledger = new WriteLedger();
    ledger.note(0, 3, 0, "acknowledged");
    ledger.note(0, 4, 0, "acknowledged");
    ledger.note(0, 4, 1, "409 undefined");

    assert.equal(ledger.miscounted(stored({ n: 2 }, 3)), 0);
    assert.equal(ledger.miscounted(stored({ n: 1 }, 3)), 1);
    assert.equal(ledger.miscounted(stored({ n: 3 }, 3)), 1);
    assert.equal(ledger.miscounted(stored({}, 3)), 2);
  });
});
