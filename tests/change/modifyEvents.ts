import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import type { Reactions, SeenEvent } from "../application/probe";
import type { TestApplication } from "../support/TestApplication";
import { documentOf, probe, send, stored } from "./setting";

export function modifyEvents(of: () => TestApplication): void {
  describe("events of modify", () => {
    const armed = async (requestId: string, reactions: Reactions) => {
      await probe(of(), "arm", requestId, reactions);

      return async () =>
        (await probe(of(), "collect", requestId)) as unknown as SeenEvent[];
    };
    const increment = (document: object, requestId: string) =>
      send(of(), {
        ...document,
        action: "modify",
        body: { operators: { increment: { n: 1 } } },
        requestId,
      });

    it("are those of update, with the computed changes, each once", async () => {
      const target = await of().createCollection("events");
      const document = await stored(of(), target, "seen", { n: 1 });
      const seen = await armed("modify-seen", {});

      const { error } = await increment(document, "modify-seen");

      assert.equal(error, null);
      const pipes = (await seen()).filter(
        ({ event, kind }) => kind === "pipe" && event.includes("document:"),
      );
      assert.deepEqual(
        pipes.map(({ event }) => event),
        [
          "generic:document:beforeUpdate",
          "document:beforeUpdate",
          "generic:document:injectMetadata",
          "document:afterUpdate",
          "generic:document:afterUpdate",
        ],
      );
      assert.deepEqual((pipes[1]!.request["input"] as JSONObject)["body"], {
        n: 2,
      });
    });

    it("let a pipe refuse, and set values", async () => {
      const target = await of().createCollection("vetoes");
      const document = await stored(of(), target, "set", { n: 1 });
      await armed("modify-veto", {
        "document:beforeUpdate": { throws: "KuzzleError" },
      });
      await armed("modify-set", {
        "document:beforeUpdate": { set: { "input.body.n": 40 } },
      });

      const vetoed = await increment(document, "modify-veto");
      assert.equal(vetoed["error"].status, 400);
      const set = await increment(document, "modify-set");
      assert.equal(set["result"]._source.n, 40);
      assert.deepEqual(await documentOf(of(), document), {
        content: { n: 40 },
        version: 2,
      });
    });

    it("fail a change at once if its own pipe writes the document, with the cause", async () => {
      const target = await of().createCollection("overtaken");
      const document = await stored(of(), target, "own", { n: 1 });
      await armed("modify-own", {
        "document:beforeUpdate": { updatesOther: "own" },
      });

      const { error } = await increment(document, "modify-own");

      assert.equal(error.id, "plugin.document-update.changed_by_pipe");
      assert.equal((await documentOf(of(), document)).content["n"], 1);
    });
  });
}
