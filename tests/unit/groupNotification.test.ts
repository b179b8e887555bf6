import assert from "node:assert/strict";
import { it } from "node:test";

import {
  restoreNotification,
  volatileOfGroup,
} from "../../lib/write/groupNotification";

it("tells subscribers of the volatile of each update, or of none", async () => {
  for (const volatile of [{ trace: 1 }, null]) {
    const notification = {
      protocol: "funnel",
      result: { _id: "liia", status: 200 },
      volatile: volatileOfGroup(volatile),
    };

    assert.equal(await restoreNotification(notification), notification);

    assert.deepEqual(notification.volatile, volatile);
  }
});

it("leaves every other notification of the embedded SDK alone", async () => {
  for (const volatile of [{ sdkInstanceId: "funnel" }, null]) {
    const notification = { protocol: "funnel", result: {}, volatile };

    assert.equal((await restoreNotification(notification)).volatile, volatile);
  }
});

it("obeys no client that sends an entry of that name", async () => {
  const volatile = volatileOfGroup({ forged: true });
  for (const protocol of ["websocket", "funnel"]) {
    const notification = { protocol, result: { _id: "liia" }, volatile };

    assert.equal((await restoreNotification(notification)).volatile, volatile);
  }
});

it("shares the volatile of a notification with no other", async () => {
  const volatile = { trace: 1 };
  const notification = {
    protocol: "funnel",
    result: { status: 200 },
    volatile: volatileOfGroup(volatile),
  };

  await restoreNotification(notification);

  assert.deepEqual(notification.volatile, volatile);
  assert.notEqual(notification.volatile, volatile);
});

it("tells of a bulk write what it tells of a single update", async () => {
  const told = { _id: "liia", _source: { a: 1 }, _updatedFields: ["a"] };
  const result = { ...told, _version: 2, status: 200 };
  const notification = {
    protocol: "funnel",
    result,
    volatile: volatileOfGroup(null),
  };

  await restoreNotification(notification);

  assert.deepEqual(notification.result, told);
  assert.equal(result._version, 2);
});
