import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { Target } from "../support/request";
import { TestApplication } from "../support/TestApplication";
import { until } from "../support/until";
import { outcomeOf } from "../support/UpdateLedger";
import { errorsOf, lastValues } from "./Crowd";
import {
  contentOf,
  createDocument,
  crowdOf,
  kept,
  lanesEmpty,
} from "./setting";

const MAX_PENDING = 3;
const MAX_WAIT = 1_500;
const TOO_MANY = "503 plugin.document-update.too_many_pending";
const CONFLICT = "409 plugin.document-update.version_conflict";

describe(`a lane of ${MAX_PENDING} updates and ${MAX_WAIT} ms`, () => {
  let application: TestApplication;
  let socket: PipelinedSocket;
  let documents = 0;

  before(async () => {
    application = await TestApplication.start({
      "kuzzle_plugins__document-update__lane__maxPending": String(MAX_PENDING),
      "kuzzle_plugins__document-update__lane__maxWait": String(MAX_WAIT),
    });
    socket = await PipelinedSocket.connect(application.port);
  });

  after(async () => {
    await socket.close();
    await application.stop();
  });

  it("answers those beyond its length at once, and stores the others", async () => {
    const { _id, first, release, target, update } = await heldDocument();

    const waiting = [1, 2, 3].map((n) => update({ [`waits-${n}`]: true }));
    const beyond = [1, 2].map((n) => update({ [`beyond-${n}`]: true }));

    // The first still holds the document.
    assert.deepEqual(await Promise.all(beyond), [TOO_MANY, TOO_MANY]);
    await release();
    assert.deepEqual(await Promise.all([first, ...waiting]), [
      "acknowledged",
      "acknowledged",
      "acknowledged",
      "acknowledged",
    ]);
    assert.deepEqual(await contentOf(application, target, _id), {
      ...kept,
      first: true,
      "waits-1": true,
      "waits-2": true,
      "waits-3": true,
    });
    await lanesEmpty(application);
  });

  it("answers those that wait for longer than it allows, and stores the one that was written", async () => {
    const { _id, first, release, target, update } = await heldDocument();

    const start = performance.now();
    const waiting = [1, 2].map((n) => update({ [`waits-${n}`]: true }));

    assert.deepEqual(await Promise.all(waiting), [CONFLICT, CONFLICT]);
    const ms = performance.now() - start;
    assert.ok(ms >= MAX_WAIT - 1 && ms < 2 * MAX_WAIT, `after ${ms} ms`);
    await release();
    assert.equal(await first, "acknowledged");
    assert.deepEqual(await contentOf(application, target, _id), {
      ...kept,
      first: true,
    });
    assert.equal(await update({ later: true }), "acknowledged");
    await lanesEmpty(application);
  });

  it("stores all but those that it refuses, by default too", async () => {
    const _id = "hot";
    const target = await application.createCollection("retried");
    await createDocument(application, target, _id);
    const crowd = await crowdOf(application, 64);

    const sent = await crowd.send({
      // Storage's own tries would have them stored without the lane.
      request: () => ({ ...target, _id, args: { retryOnConflict: 0 } }),
      updates: 500,
    });
    await crowd.close();

    const errors = new Set(errorsOf(sent));
    assert.ok(errors.has(TOO_MANY));
    // The first in the lane may lose, for as long as it may wait, against those that are not in it.
    assert.deepEqual(
      [...errors].filter((each) => each !== TOO_MANY && each !== CONFLICT),
      [],
    );
    assert.deepEqual(await contentOf(application, target, _id), {
      ...kept,
      ...lastValues(sent)[_id],
    });
    await lanesEmpty(application);
  });

  /** A document of a folded collection, the update of which a pipe holds until it is released. */
  async function heldDocument() {
    const _id = `document-${++documents}`;
    const target: Target = await application.createCollection(`fold-${_id}`);
    await createDocument(application, target, _id);
    const update = (body: JSONObject, requestId?: string) =>
      outcomeOf(
        socket.send({
          ...target,
          _id,
          action: "update",
          body,
          controller: "document-update",
          requestId,
        }),
      );
    const probe = (action: string, body?: JSONObject) =>
      application.stage.call({
        action,
        args: { target: _id },
        body,
        controller: "probe",
      });

    // The only event of the write itself.
    await probe("arm", { "generic:document:injectMetadata": { holds: true } });
    const first = update({ first: true }, _id);
    await until("the update held", async () => Boolean(await probe("isHeld")));

    return { _id, first, release: () => probe("release"), target, update };
  }
});
