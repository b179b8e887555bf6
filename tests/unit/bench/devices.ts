import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { MeasureLedger, type Measures, payloadOf } from "../../../demo/devices";

const measures = (ats: Record<string, number>): Measures =>
  Object.fromEntries(
    Object.entries(ats).map(([name, at]) => [name, { at, value: 1 }]),
  );

describe("the benchmark's devices", () => {
  it("measure at times of their own, which do not arrive in order", () => {
    const payloads = [0, 1].flatMap((wave) =>
      Array.from({ length: 64 }, (_, device) => payloadOf(device, wave, 64)),
    );
    const times = payloads.map(({ position }) => Number(position?.at));

    assert.equal(new Set(times).size, 128);
    assert.equal(Math.max(...times.slice(0, 64)), 64);
    assert.equal(Math.min(...times.slice(64)), 65);
    assert.notDeepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    assert.deepEqual(Object.keys(payloads[3]!), [
      "humidity3",
      "temperature3",
      "position",
    ]);
  });

  it("find measures that are older than the newest that was sent, or missing", () => {
    const ledger = new MeasureLedger();
    ledger.note(measures({ position: 2, temperature1: 2 }));
    ledger.note(measures({ position: 1, temperature2: 1 }));

    const newest = measures({ position: 2, temperature1: 2, temperature2: 1 });
    assert.equal(ledger.stale(newest), 0);
    assert.equal(ledger.stale({ ...newest, ...measures({ position: 1 }) }), 1);
    assert.equal(ledger.stale(measures({ position: 2 })), 2);
    assert.equal(ledger.stale(undefined), 3);
  });
});
