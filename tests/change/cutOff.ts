import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { ApiAnswer, ApiClient, Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { documentOf, errorOf, stored } from "./setting";

/** What becomes of a change whose request to storage comes to no good end. */
export function cutOff(of: () => TestApplication): void {
  describe("a change that is cut off", () => {
    const clients: ApiClient[] = [];
    let jwt: string;
    let target: Target;
    before(async () => {
      clients.push(
        await of().connect("websocket"),
        await of().connect("websocket"),
      );
      target = await of().createCollection("cut-off");
      jwt = await of().createUser("cut-off", {
        "*": { actions: { "*": true } },
      });
    });
    after(() => Promise.all(clients.map((client) => client.close())));

    /** Increments `n`, and writes the text by which the storage probe knows the write. */
    const modify = (
      document: Target & { readonly _id: string },
      by: ApiClient | undefined,
      args = {},
    ): Promise<ApiAnswer> =>
      by!.send({
        ...document,
        action: "modify",
        args,
        body: {
          changes: { text: `text of ${document._id}` },
          operators: { increment: { n: 1 } },
        },
        controller: "document-update",
        jwt,
      });
    const storage = (action: string, _id: string) =>
      of().stage.call({
        action,
        args: { text: `text of ${_id}` },
        controller: "storage-probe",
      });

    it("is not carried out by a repeat while it is under way", async () => {
      const document = await stored(of(), target, "held", { n: 1 });
      const [first, second] = clients;
      const key = { requestKey: "held" };
      await storage("hold", "held");

      const held = modify(document, first, key);
      await storage("holding", "held");
      const repeat = await modify(document, second, key);
      await storage("release", "held");

      const pending = "409 plugin.document-update.request_pending";
      assert.equal(errorOf(repeat), pending);
      const { body } = await held;
      assert.equal(body["error"], null);
      const again = await modify(document, second, key);
      assert.deepEqual(again.body["result"], body["result"]);
      assert.equal((await documentOf(of(), document)).content["n"], 2);
    });

    it("is carried out by a repeat, if the document is still as it was", async () => {
      const document = await stored(of(), target, "refused", { n: 1 });
      const [client] = clients;
      const key = { requestKey: "refused" };
      await storage("refuse", "refused");
      const refused = await modify(document, client, key);
      await storage("release", "refused");

      const repeat = await modify(document, client, key);

      assert.equal(refused.body["error"].status, 500);
      assert.equal(errorOf(repeat), null);
      assert.equal((await documentOf(of(), document)).content["n"], 2);
    });

    it("is answered an unknown outcome, if it is not", async () => {
      const document = await stored(of(), target, "overtaken", { n: 1 });
      const [client] = clients;
      const key = { requestKey: "overtaken" };
      await storage("refuse", "overtaken");
      await modify(document, client, key);
      await storage("release", "overtaken");
      await stored(of(), target, "overtaken", { n: 5 });

      const repeat = await modify(document, client, key);

      const unknown = "409 plugin.document-update.request_outcome_unknown";
      assert.equal(errorOf(repeat), unknown);
      assert.equal((await documentOf(of(), document)).content["n"], 5);
    });

    it("is applied once, and answered an unknown outcome, if the answer was lost", async () => {
      const document = await stored(of(), target, "lost", { n: 1 });
      const [client] = clients;
      await storage("lose", "lost");

      const answer = await modify(document, client);

      const unknown = "409 plugin.document-update.outcome_unknown";
      assert.equal(errorOf(answer), unknown);
      assert.deepEqual(await documentOf(of(), document), {
        content: { n: 2, text: "text of lost" },
        version: 2,
      });
    });
  });
}
