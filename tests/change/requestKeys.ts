import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { type ApiClient, protocols, type Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { documentOf, errorOf, stored } from "./setting";

export function requestKeys(of: () => TestApplication): void {
  for (const protocol of protocols) {
    describe(`request keys over ${protocol}`, () => {
      const increment = { operators: { increment: { n: 1 } } };
      let client: ApiClient;
      let jwt: string;
      let target: Target;
      before(async () => {
        client = await of().connect(protocol);
        target = await of().createCollection(`keys-${protocol}`);
        jwt = await of().createUser(`keys-${protocol}`, {
          "*": { actions: { "*": true } },
        });
      });
      after(() => client.close());

      const modify = async (
        document: object,
        request: object,
        body: object = increment,
      ) => {
        const answer = await client.send({
          ...document,
          action: "modify",
          body,
          controller: "document-update",
          jwt,
          ...request,
        });
        return { error: errorOf(answer), result: answer.body["result"] };
      };
      const keyed = (requestKey: unknown) => ({ args: { requestKey } });

      it("a repeat is answered as before, and is not carried out", async () => {
        const document = await stored(of(), target, "repeated", { n: 1 });
        const key = keyed(`repeated-${protocol}`);

        const first = await modify(document, key);
        const repeat = await modify(document, key);
        const next = await modify(document, keyed(`another-${protocol}`));

        assert.equal(first.error, null);
        assert.deepEqual(repeat, first);
        assert.equal(next.result._source.n, 3);
        assert.equal((await documentOf(of(), document)).version, 3);
      });

      it("a key belongs to its request", async () => {
        const document = await stored(of(), target, "reused", { n: 1 });
        const key = keyed(`reused-${protocol}`);
        await modify(document, key);

        const body = { operators: { increment: { n: 2 } } };
        const { error } = await modify(document, key, body);

        assert.equal(error, "422 plugin.document-update.request_key_reused");
        assert.equal((await documentOf(of(), document)).version, 2);
      });

      it("a refused request frees its key", async () => {
        const document = await stored(of(), target, "freed", { n: "text" });
        const key = keyed(`freed-${protocol}`);

        const { error } = await modify(document, key);
        const other = { changes: { n: 1 } };
        const after = await modify(document, key, other);

        assert.equal(error, "400 plugin.document-update.operator_type");
        assert.equal(after.error, null);
      });

      it("empty keys, and keys of the anonymous user, are refused", async () => {
        const document = await stored(of(), target, "invalid", { n: 1 });
        const invalid = "400 plugin.document-update.invalid_request_key";

        const empty = await modify(document, keyed(""));
        const ofAll = { ...keyed("of-all"), jwt: undefined };
        const anonymous = await modify(document, ofAll);

        assert.deepEqual([empty.error, anonymous.error], [invalid, invalid]);
        assert.equal((await documentOf(of(), document)).version, 1);
      });

      if (protocol === "http") {
        it("Idempotency-Key is such a key", async () => {
          const document = await stored(of(), target, "header", { n: 1 });
          const headers = { "idempotency-key": "of-a-header" };

          const first = await modify(document, { http: { headers } });
          const repeat = await modify(document, { http: { headers } });
          const byName = await modify(document, keyed("of-a-header"));

          assert.equal(first.error, null);
          assert.deepEqual([repeat, byName], [first, first]);
          assert.equal((await documentOf(of(), document)).version, 2);
        });
      }
    });
  }
}
