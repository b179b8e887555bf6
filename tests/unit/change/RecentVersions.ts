import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import { RecentVersions } from "../../../lib/change/RecentVersions";
import { anUpdate } from "../../support/aWrite";

afterEach(() => mock.restoreAll());

const versionOf = (version: number) => ({
  primaryTerm: 1,
  seqNo: version + 4,
  version,
});

it("remembers the last version of each document, until it is cleared", () => {
  const recent = new RecentVersions();
  const liia = anUpdate();
  const others = [
    anUpdate({ _id: "other" }),
    anUpdate({ collection: "other" }),
    anUpdate({ index: "other" }),
  ];
  others.forEach((other, place) => recent.set(other, versionOf(place + 10)));
  recent.set(liia, versionOf(1));
  recent.set(liia, versionOf(2));

  assert.deepEqual(recent.get(liia), versionOf(2));
  recent.set(liia, undefined);
  assert.equal(recent.get(liia), undefined);
  assert.deepEqual(
    others.map((other) => recent.get(other)?.version),
    [10, 11, 12],
  );
});

it("remembers a version for five seconds", () => {
  let now = 0;
  mock.method(performance, "now", () => now);
  const recent = new RecentVersions();
  const liia = anUpdate();
  recent.set(liia, versionOf(1));

  now = 4_999;
  assert.deepEqual(recent.get(liia), versionOf(1));
  now = 5_000;
  assert.equal(recent.get(liia), undefined);
});

it("forgets the oldest of more than 10,000 documents", () => {
  const recent = new RecentVersions();
  const numbered = (n: number) => anUpdate({ _id: String(n) });
  for (let n = 0; n < 10_000; n++) {
    recent.set(numbered(n), versionOf(n + 1));
  }
  recent.set(numbered(0), versionOf(7));
  recent.set(numbered(10_000), versionOf(1));

  assert.equal(recent.get(numbered(1)), undefined);
  assert.deepEqual(
    [0, 2, 10_000].map((n) => recent.get(numbered(n))?.version),
    [7, 3, 1],
  );
});
