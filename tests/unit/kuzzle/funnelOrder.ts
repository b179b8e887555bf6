import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { it } from "node:test";

import { FunnelOrder } from "../../../lib/kuzzle/FunnelOrder";
import { FakeKuzzle } from "../../support/fakeKuzzle";
import { isAsExpected } from "../../support/isAsExpected";

type Method = (...args: unknown[]) => unknown;

type Funnel = Record<"checkRights" | "execute" | "processRequest", Method>;

/** Kuzzle's own. */
const { prototype } = createRequire(__filename)(
  "kuzzle/dist/lib/api/funnel",
) as { prototype: Funnel };

function verified(funnel: unknown): Promise<boolean> {
  new FakeKuzzle().kuzzle["funnel"] = funnel;

  return isAsExpected(new FunnelOrder());
}

/** A method whose text is that of Kuzzle's, changed. */
function changed(
  name: keyof Funnel,
  from: string | RegExp,
  to: string,
): unknown {
  const text = prototype[name].toString();
  assert.ok(text.replace(from, to) !== text, `${name}: ${String(from)}`);

  return { toString: () => text.replace(from, to) };
}

it("finds it in the installed Kuzzle", async () => {
  assert.ok(await verified(prototype));
});

it("does not intercept where a step is renamed, gone, or in another order", async () => {
  for (const [name, method] of [
    [
      "checkRights",
      changed("checkRights", /request:onAuthorized/g, "request:authorized"),
    ],
    ["execute", changed("execute", /checkRights\(/g, "mayExecute(")],
    ["execute", changed("execute", /processRequest\(/g, "run(")],
    ["execute", changed("execute", /request:afterExecution/g, "request:after")],
    ["processRequest", changed("processRequest", /getController\(/g, "find(")],
    [
      "processRequest",
      // It runs the action's event before it looks up the controller.
      changed("processRequest", "{", '{ this.pipe("request:onExecution");'),
    ],
    ["processRequest", undefined],
  ] as const) {
    const funnel = {
      checkRights: prototype.checkRights,
      execute: prototype.execute,
      processRequest: prototype.processRequest,
      [name]: method,
    };

    assert.ok(!(await verified(funnel)), `${name}: ${String(method)}`);
  }
});

it("names the method that is another", async () => {
  new FakeKuzzle().kuzzle["funnel"] = {
    checkRights: prototype.checkRights,
    execute: changed("execute", /checkRights\(/g, "mayExecute("),
    processRequest: prototype.processRequest,
  };

  assert.match(
    String(await new FunnelOrder().verify()),
    /its funnel: Error: "execute" is another function \(/,
  );
});

it("does not intercept where there is no funnel to read", async () => {
  assert.ok(!(await verified(undefined)));
  assert.ok(!(await verified(new Map())));
});
