import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import { protocols, type Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { documentOf, errorOf, stored } from "./setting";

const FORBIDDEN = "403 security.rights.forbidden";

const own = { actions: { modify: true, update: true } };
/** What the roles of these users allow. */
const USERS = {
  both: {
    document: { actions: { update: true } },
    "document-update": own,
  },
  "native only": { document: { actions: { update: true } } },
  nothing: { server: { actions: { now: true } } },
  "plugin only": { "document-update": own },
} as const;

type User = keyof typeof USERS;

/** By the action, the users who may call it. */
const MAY: readonly (readonly [string, readonly User[]])[] = [
  ["document-update:update", ["both"]],
  ["document-update:modify", ["both"]],
];

/** Without `checkRights`, the right on the plugin's own action is enough. */
const MAY_UNCHECKED: typeof MAY = [
  ["document-update:update", ["both", "plugin only"]],
  ["document-update:modify", ["both", "plugin only"]],
];

/** For actions of an application that intercepts. */
const MAY_INTERCEPTED: typeof MAY = [
  ["document:update", ["both", "native only"]],
];

/**
 * @param direct application of the plugin's actions
 * @param unchecked the same, with `checkRights: false`
 * @param intercepting application that intercepts
 */
export function rights(
  direct: () => TestApplication,
  unchecked: () => TestApplication,
  intercepting: () => TestApplication,
): void {
  describe("rights", () => {
    asked("of the plugin's actions", direct, MAY);
    asked("with checkRights: false", unchecked, MAY_UNCHECKED);
    asked("of an intercepted update", intercepting, MAY_INTERCEPTED);
  });
}

function asked(what: string, of: () => TestApplication, may: typeof MAY): void {
  describe(what, () => {
    let target: Target;
    let tokens: Record<User, string>;
    before(async () => {
      target = await of().createCollection("rights");
      tokens = await of().createUsers(USERS);
    });

    let protocol = 0;
    for (const [name, users] of may) {
      for (const user of Object.keys(USERS) as User[]) {
        const isAllowed = users.includes(user);
        const by = protocols[protocol++ % protocols.length]!;
        it(`${isAllowed ? "let" : "do not let"} a user with rights on ${user} call ${name}, over ${by}`, async () => {
          const [controller, action = ""] = name.split(":");
          const _id = `${name} by ${user}`;
          const document = await stored(of(), target, _id, { n: 1 });
          const client = await of().connect(by);

          const send = (args: object) =>
            client.send({
              ...document,
              action,
              args: { ...args },
              body: action === "modify" ? { changes: { n: 2 } } : { n: 2 },
              controller,
              jwt: tokens[user],
            });
          // A missing right comes before a version that does not match.
          const mismatch = await send({ ifVersion: 3 });
          const answer = await send({});
          await client.close();

          assert.deepEqual(
            [errorOf(mismatch), errorOf(answer)],
            isAllowed
              ? ["412 plugin.document-update.version_mismatch", null]
              : [FORBIDDEN, FORBIDDEN],
          );
          assert.deepEqual(await documentOf(of(), document), {
            content: { n: isAllowed ? 2 : 1 },
            version: isAllowed ? 2 : 1,
          });
        });
      }
    }
  });
}
