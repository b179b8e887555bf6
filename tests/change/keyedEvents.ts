import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { until } from "../support/until";
import { documentOf, errorOf, probe, stored } from "./setting";

const PENDING = "409 plugin.document-update.request_pending";

/** @param of an application where pipes listen to every event */
export function keyedEvents(of: () => TestApplication): void {
  describe("request keys and pipes", () => {
    let jwt: string;
    let socket: PipelinedSocket;
    let target: Target;
    before(async () => {
      jwt = await of().createUser("keyed", { "*": { actions: { "*": true } } });
      target = await of().createCollection("keyed-events");
      socket = await PipelinedSocket.connect(of().port);
      return () => socket.close();
    });

    const modify = async (
      document: object,
      requestId: string,
      body: object = { operators: { increment: { n: 1 } } },
    ) => {
      const answer = await socket.send({
        ...document,
        action: "modify",
        args: { requestKey: requestId.split(" ")[0] },
        body,
        controller: "document-update",
        jwt,
        requestId,
      });
      const { result } = answer.body;

      return { error: errorOf(answer), result };
    };

    it("a repeat gets what the pipes after the write have left", async () => {
      const document = await stored(of(), target, "left", { n: 1, secret: 1 });
      await probe(of(), "arm", "left", {
        "document:afterUpdate": { set: { "result._source.secret": null } },
      });

      const first = await modify(document, "left");
      const repeat = await modify(document, "left again");

      assert.equal(first.error, null);
      assert.equal(first.result._source.secret, null);
      assert.deepEqual(repeat, first);
      assert.equal((await documentOf(of(), document)).version, 2);
    });

    it("a repeat gets the error of such a pipe, too", async () => {
      const document = await stored(of(), target, "failed", { n: 1 });
      await probe(of(), "arm", "failed", {
        "document:afterUpdate": { throws: "KuzzleError" },
      });

      const first = await modify(document, "failed");
      const repeat = await modify(document, "failed again");

      assert.equal(first.error, "400 app.probe.veto");
      assert.deepEqual(repeat, first);
      assert.equal((await documentOf(of(), document)).version, 2);
    });

    it("a repeat while such a pipe runs is pending", async (test) => {
      const document = await stored(of(), target, "held", { n: 1 });
      await probe(of(), "arm", "held", {
        "document:afterUpdate": { holds: true },
      });
      test.after(() => probe(of(), "release", "held"));

      const first = modify(document, "held");
      await until("the pipe to hold it", async () =>
        Boolean(await probe(of(), "isHeld", "held")),
      );
      const pending = await modify(document, "held meanwhile");
      await probe(of(), "release", "held");
      const answer = await first;
      const repeat = await modify(document, "held again");

      assert.equal(pending.error, PENDING);
      assert.equal(answer.error, null);
      assert.deepEqual(repeat, answer);
      assert.equal((await documentOf(of(), document)).version, 2);
    });

    it("a repeat is one, whatever a pipe before it puts into its body", async () => {
      const document = await stored(of(), target, "stamped", { n: 1 });
      const body = { changes: { isStamped: true } };

      const first = await modify(document, "stamped", body);
      const repeat = await modify(document, "stamped again", body);

      assert.equal(first.error, null);
      assert.equal(typeof first.result._source.stamp, "number");
      assert.deepEqual(repeat, first);
    });
  });
}
