import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Audit } from "../../bench/Audit";

const none = {
  notifications: 0,
  notificationsOutOfOrder: 0,
  overtaken: 0,
  versions: 0,
};

/** Three updates of a document that is at version 7, with the versions they were answered. */
function audited(...versions: readonly number[]): Audit {
  const audit = new Audit(7);
  const requestIds = versions.map(() => audit.nextRequestId());
  versions.forEach((version, position) =>
    audit.note(requestIds[position]!, version),
  );

  return audit;
}

describe("the benchmark's audit of one document", () => {
  it("finds nothing amiss where each update has its version and notification, in order", () => {
    assert.deepEqual(audited(8, 9, 10).findings(["1", "2", "3"]), none);
    assert.deepEqual(audited().findings([]), none);
  });

  it("takes updates in the order in which they were sent, not in that of their answers", () => {
    const audit = new Audit(0);
    const [first, second] = [audit.nextRequestId(), audit.nextRequestId()];
    audit.note(second, 2);
    audit.note(first, 1);

    assert.deepEqual(audit.findings([first, second]), none);
  });

  it("counts versions that updates share, and those that none was told of", () => {
    assert.equal(audited(8, 9, 9).findings(["1", "2", "3"]).versions, 1);
    assert.equal(audited(8, 9, 11).findings(["1", "2", "3"]).versions, 1);
    assert.equal(audited(9, 10, 11).findings(["1", "2", "3"]).versions, 1);
  });

  it("counts notifications that are missing, came twice, or are of no acknowledged update", () => {
    const audit = audited(8, 9, 10);

    assert.equal(audit.findings(["1", "3"]).notifications, 1);
    assert.equal(audit.findings(["1", "2", "2", "3"]).notifications, 1);
    assert.equal(audit.findings(["1", "2", "3", "4"]).notifications, 1);
  });

  it("counts notifications that came after that of a later version", () => {
    const audit = audited(8, 9, 10);

    assert.equal(audit.findings(["1", "3", "2"]).notificationsOutOfOrder, 1);
  });

  it("counts updates that were stored before one that was sent earlier", () => {
    const { notificationsOutOfOrder, overtaken } = audited(8, 10, 9).findings([
      "1",
      "3",
      "2",
    ]);

    assert.equal(overtaken, 1);
    assert.equal(notificationsOutOfOrder, 0);
  });
});
