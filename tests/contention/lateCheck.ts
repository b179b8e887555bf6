import assert from "node:assert/strict";
import { it } from "node:test";

import { documentOf, errorOf, stored } from "../change/setting";
import type { Meddle } from "../support/StorageProxy";
import { until } from "../support/until";
import type { Site } from "./slowBatch";

/** How often Kuzzle itself asks at its start. Refused that, it does not start. */
const ASKED_BY_KUZZLE = 3;

/** Has storage tell its version to Kuzzle itself, and then no more, as when it is overloaded. */
export function unavailableInfo(): Meddle {
  let asked = 0;

  return async (call, forward) =>
    call.method === "GET" &&
    /^\/(\?|$)/.test(call.path) &&
    ++asked > ASKED_BY_KUZZLE
      ? { body: "", status: 503 }
      : forward();
}

/** @param of an application that was started with that proxy, which is put back */
export function lateCheck(of: () => Site): void {
  it("what a start could not check is refused, until it is checked, without a restart", async () => {
    const { application, proxy } = of();
    const target = await application.createCollection("late-check");
    const document = await stored(application, target, "late", { n: 1 });
    const modify = () =>
      application.stage.send({
        ...document,
        action: "modify",
        body: { operators: { increment: { n: 1 } } },
        controller: "document-update",
      });

    const early = await modify();
    proxy.meddle = (_, forward) => forward();

    assert.match(String(errorOf(early)), /^503 plugin\.document-update\./);
    await until(
      "the check to pass",
      async () => errorOf(await modify()) === null,
      10_000,
    );
    assert.deepEqual((await documentOf(application, document)).content, {
      n: 2,
    });
  });
}
