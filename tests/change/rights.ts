import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import type { TestApplication } from "../support/TestApplication";
import { documentOf, errorOf, stored } from "./setting";

const FORBIDDEN = "403 security.rights.forbidden";

export function rights(of: () => TestApplication): void {
  describe("rights to change documents", () => {
    const tokens: Record<string, string> = {};
    before(async () => {
      const modify = {
        "document-update": { actions: { modify: true } },
        "document-update-open": { actions: { modify: true } },
      };
      const update = { document: { actions: { update: true } } };
      tokens["both"] = await of().createUser("both", { ...modify, ...update });
      tokens["modify"] = await of().createUser("modify", modify);
      tokens["native"] = await of().createUser("native", update);
    });

    for (const [user, controller, expected] of [
      ["both", "document-update", null],
      ["modify", "document-update", FORBIDDEN],
      ["native", "document-update", FORBIDDEN],
      // Without `checkRights`, the right on the plugin's own action is enough.
      ["modify", "document-update-open", null],
    ] as const) {
      it(`are asked of a user with ${user}, by ${controller}:modify`, async () => {
        const target = await of().createCollection("rights");
        const _id = `${user}-${controller}`;
        const document = await stored(of(), target, _id, { n: 1 });
        const client = await of().connect("http");
        // A version that never matches: a missing right comes first.
        for (const [header, then] of [
          ["*", null],
          ['W/"3"', "412 plugin.document-update.version_mismatch"],
        ] as const) {
          const answer = await client.send({
            ...document,
            action: "modify",
            body: { operators: { increment: { n: 1 } } },
            controller,
            http: { headers: { "if-match": header } },
            jwt: String(tokens[user]),
          });
          assert.equal(errorOf(answer), expected ?? then);
        }
        const { version } = await documentOf(of(), document);
        assert.equal(version, expected === null ? 2 : 1);
      });
    }
  });
}
