import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import {
  type ApiClient,
  type Protocol,
  protocols,
  type Target,
} from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { documentOf, errorOf, stored } from "./setting";

const everything = { "*": { actions: { "*": true } } };
const increment = { operators: { increment: { n: 1 } } };

export function requestKeys(of: () => TestApplication): void {
  describe("request keys", () => {
    const clients = new Map<Protocol, ApiClient>();
    let tokens: Record<"carol" | "dave", string>;
    let target: Target;
    before(async () => {
      for (const protocol of protocols) {
        clients.set(protocol, await of().connect(protocol));
      }
      target = await of().createCollection("keys");
      tokens = await of().createUsers({
        carol: everything,
        dave: everything,
      });
    });
    after(() => Promise.all([...clients.values()].map((each) => each.close())));

    const modify = async (
      protocol: Protocol,
      document: object,
      request: object,
      body: object = increment,
    ) => {
      const answer = await clients.get(protocol)!.send({
        ...document,
        action: "modify",
        body,
        controller: "document-update",
        jwt: tokens.carol,
        ...request,
      });
      return { error: errorOf(answer), result: answer.body["result"] };
    };
    const keyed = (requestKey: unknown) => ({ args: { requestKey } });

    it("a repeat is answered as before, over any connection, and is not carried out", async () => {
      const document = await stored(of(), target, "repeated", { n: 1 });

      const first = await modify("mqtt", document, keyed("repeated"));
      const repeat = await modify("websocket", document, keyed("repeated"));
      const next = await modify("http", document, keyed("another"));
      const again = await modify("http", document, keyed("repeated"));

      assert.equal(first.error, null);
      assert.equal(first.result._source.n, 2);
      assert.deepEqual([repeat, again], [first, first]);
      assert.equal(next.result._source.n, 3);
      assert.equal((await documentOf(of(), document)).version, 3);
    });

    it("a repeat that comes at once is carried out once", async () => {
      const document = await stored(of(), target, "at-once", { n: 1 });
      const pending = "409 plugin.document-update.request_pending";

      const all = await Promise.all(
        protocols.map((each) => modify(each, document, keyed("at-once"))),
      );

      const done = all.filter(({ error }) => error === null);
      assert.ok(done.length > 0, "none was carried out");
      for (const { error, result } of all) {
        assert.ok(error === null || error === pending, String(error));
        assert.equal(result?._source.n ?? 2, 2);
      }
      assert.equal((await documentOf(of(), document)).content["n"], 2);
    });

    it("a key belongs to its user", async () => {
      const document = await stored(of(), target, "of-users", { n: 1 });
      const key = keyed("of-users");

      await modify("http", document, key);
      const other = { ...key, jwt: tokens.dave };
      const { error, result } = await modify("http", document, other);

      assert.equal(error, null);
      assert.equal(result._source.n, 3);
    });

    it("a key belongs to its request", async () => {
      const document = await stored(of(), target, "reused", { n: 1 });
      const key = keyed("reused");
      await modify("websocket", document, key);

      const body = { operators: { increment: { n: 2 } } };
      const { error } = await modify("websocket", document, key, body);

      assert.equal(error, "422 plugin.document-update.request_key_reused");
      assert.equal((await documentOf(of(), document)).version, 2);
    });

    it("a refused request frees its key", async () => {
      const document = await stored(of(), target, "freed", { n: "text" });
      const key = keyed("freed");

      const { error } = await modify("mqtt", document, key);
      const other = { changes: { n: 1 } };
      const after = await modify("mqtt", document, key, other);

      assert.equal(error, "400 plugin.document-update.operator_type");
      assert.equal(after.error, null);
    });

    it("empty keys, and keys of the anonymous user, are refused", async () => {
      const document = await stored(of(), target, "invalid", { n: 1 });
      const invalid = "400 plugin.document-update.invalid_request_key";

      const empty = await modify("websocket", document, keyed(""));
      const ofAll = { ...keyed("of-all"), jwt: undefined };
      const anonymous = await modify("websocket", document, ofAll);

      assert.deepEqual([empty.error, anonymous.error], [invalid, invalid]);
      assert.equal((await documentOf(of(), document)).version, 1);
    });

    it("Idempotency-Key is such a key", async () => {
      const document = await stored(of(), target, "header", { n: 1 });
      const headers = { "idempotency-key": "of-a-header" };

      const first = await modify("http", document, { http: { headers } });
      const repeat = await modify("http", document, { http: { headers } });
      const byName = await modify("mqtt", document, keyed("of-a-header"));

      assert.equal(first.error, null);
      assert.deepEqual([repeat, byName], [first, first]);
      assert.equal((await documentOf(of(), document)).version, 2);
    });
  });
}
