import assert from "node:assert/strict";
import { it } from "node:test";

import {
  carryVolatile,
  restoreNotification,
} from "../../lib/write/callersVolatile";

const added = { sdkInstanceId: "funnel", sdkName: "js@7.17.1" };

it("tells subscribers of the volatile of the caller, or of none", async () => {
  for (const volatile of [{ trace: 1 }, null]) {
    const notification = {
      protocol: "funnel",
      result: { _id: "liia" },
      volatile: { ...carryVolatile(volatile), ...added },
    };

    assert.equal(await restoreNotification(notification), notification);

    assert.deepEqual(notification.volatile, volatile);
  }
});

it("lets pipes read the volatile of the caller while it is carried", () => {
  assert.equal(carryVolatile({ trace: 1 })["trace"], 1);
});

it("leaves every other notification of the embedded SDK alone", async () => {
  for (const volatile of [{ ...added }, null]) {
    const notification = { protocol: "funnel", result: {}, volatile };

    assert.equal((await restoreNotification(notification)).volatile, volatile);
  }
});

it("obeys no client that sends an entry of that name", async () => {
  const volatile = { callersVolatile: { forged: true } };
  const notification = { protocol: "websocket", result: {}, volatile };

  assert.equal((await restoreNotification(notification)).volatile, volatile);
});

it("tells of a bulk write what it tells of a single update", async () => {
  const told = { _id: "liia", _source: { a: 1 }, _updatedFields: ["a"] };
  const result = { ...told, _version: 2, status: 200 };
  const notification = {
    protocol: "funnel",
    result,
    volatile: carryVolatile(null),
  };

  await restoreNotification(notification);

  assert.deepEqual(notification.result, told);
  assert.equal(result._version, 2);
});
