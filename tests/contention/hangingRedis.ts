import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { documentOf, errorOf, stored } from "../change/setting";
import { PipelinedSocket } from "../support/PipelinedSocket";
import { updatedIn } from "../support/StorageProxy";
import { until } from "../support/until";
import { statsOf } from "./setting";
import type { Site } from "./slowBatch";

const KEYED = 5;
const KEYLESS = 8;
/** Each that waits for Redis may take 25 ms; each command to it ends after a second. */
const SOON_MS = 2_000;

/** A Redis that keeps nothing but request keys, and hangs when a test says so. */
export interface KeyStore {
  readonly pause: () => void;
  readonly resume: () => void;
}

/** @param of an application whose request keys are in a Redis of their own */
export function hangingRedis(of: () => Site & { readonly keys: KeyStore }) {
  describe("while the Redis of request keys hangs", () => {
    const increment = (document: object, args: object = {}) => ({
      ...document,
      action: "modify",
      args: { ...args },
      body: { operators: { increment: { n: 1 } } },
      controller: "document-update",
    });

    it("modifications without a key are not held up by those with one that have their turn", async (test) => {
      const { application, keys, proxy } = of();
      const jwt = await application.createUser("keyed", {
        "*": { actions: { "*": true } },
      });
      const target = await application.createCollection("hanging");
      const document = await stored(application, target, "hanging", { n: 0 });
      const socket = await PipelinedSocket.connect(application.port);
      let release = () => {};
      const released = new Promise<void>((resolve) => (release = resolve));
      proxy.meddle = async (call, forward) => {
        if (updatedIn(call).includes(document._id)) {
          await released;
        }
        return forward();
      };
      test.after(keys.resume);

      // The keys are claimed, and the requests wait for an update that storage takes long for.
      const first = socket.send({
        ...document,
        action: "update",
        body: { first: true },
        controller: "document-update",
      });
      const keyed = Array.from({ length: KEYED }, (_, n) =>
        socket.send({ ...increment(document, { requestKey: `${n}` }), jwt }),
      );
      await until("all to wait", async () => {
        const { queues } = await statsOf(application);
        return queues.longest === KEYED;
      });
      keys.pause();
      const keyless = Array.from({ length: KEYLESS }, () =>
        socket.send(increment(document)),
      );
      release();
      const begun = performance.now();
      const answers = await Promise.all([first, ...keyless]);
      const ms = performance.now() - begun;
      proxy.meddle = (_, forward) => forward();

      assert.deepEqual(answers.map(errorOf).filter(Boolean), []);
      assert.ok(ms < SOON_MS, `they took ${ms} ms`);
      keys.resume();
      const outcomes = (await Promise.all(keyed)).map(errorOf);
      const done = outcomes.filter((error) => error === null).length;
      const { content } = await documentOf(application, document);
      // One whose answer says that it failed may have been taken back, and is never stored twice.
      assert.ok(content["n"] >= KEYLESS + done, JSON.stringify(content));
      assert.ok(content["n"] <= KEYLESS + KEYED, JSON.stringify(content));
      await socket.close();
    });

    it("a request with a key is refused, and carried out once Redis answers again", async (test) => {
      const { application, keys } = of();
      const jwt = await application.createUser("patient", {
        "*": { actions: { "*": true } },
      });
      const target = await application.createCollection("hung");
      const document = await stored(application, target, "hung", { n: 0 });
      const send = () =>
        application.stage.send({
          ...increment(document, { requestKey: "late" }),
          jwt,
        });
      test.after(keys.resume);

      keys.pause();
      const refused = await send();
      keys.resume();

      const unavailable = "503 plugin.document-update.request_keys_unavailable";
      assert.equal(errorOf(refused), unavailable);
      await until(
        "its repeat to be carried out",
        async () => errorOf(await send()) === null,
      );
      const { content } = await documentOf(application, document);
      assert.equal(content["n"], 1);
    });
  });
}
